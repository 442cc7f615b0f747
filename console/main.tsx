import '@mantine/core/styles.css';
import './theme.css';

import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { ApiFailure } from './api/client';
import { againWhileFailing } from './live/live';
import { Failures } from './parts/failures';
import { Console } from './routes';
import { SessionProvider } from './session/session';
import { theme } from './theme';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (times, failure) => times < 1 && failure instanceof ApiFailure && failure.status === 503,
      retryDelay: 1_000,
      refetchInterval: againWhileFailing,
      staleTime: 5_000,
    },
  },
});

// The variables of the theme are in theme.css: the Content-Security-Policy forbids style elements made by scripts.
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <Failures>
        <QueryClientProvider client={queries}>
          <SessionProvider>
            <Console />
          </SessionProvider>
        </QueryClientProvider>
      </Failures>
    </MantineProvider>
  </StrictMode>,
);
