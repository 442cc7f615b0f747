import { Alert, Button } from '@mantine/core';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  RouterProvider,
} from '@tanstack/react-router';

import { useEffect } from 'react';

import { useSession } from './session/session';
import { pagesOf, Shell } from './shell';
import { text } from './strings';

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <>
      <h1>{text.notFound.title}</h1>
      <p>{text.notFound.detail}</p>
    </>
  ),
});

/** A page that cannot be loaded, for example because a newer version of the console has replaced it. */
function Broken() {
  return (
    <Alert color="red" role="alert" title={text.broken.title}>
      <p className="message">{text.broken.detail}</p>
      <Button variant="default" size="xs" onClick={() => location.reload()}>
        {text.broken.reload}
      </Button>
    </Alert>
  );
}

/** The first page that the session may see. */
function Home() {
  const [first] = pagesOf(useSession());
  return first ? <Navigate to={first.to} replace /> : null;
}

const home = createRoute({ getParentRoute: () => root, path: '/', component: Home });
const playground = createRoute({
  getParentRoute: () => root,
  path: '/playground',
  component: lazyRouteComponent(() => import('./playground/playground'), 'Playground'),
});
const support = createRoute({
  getParentRoute: () => root,
  path: '/support',
  component: lazyRouteComponent(() => import('./support/support'), 'Support'),
});
const order = createRoute({
  getParentRoute: () => root,
  path: '/orders/$reference',
  component: lazyRouteComponent(() => import('./support/order'), 'Order'),
});
const overview = createRoute({
  getParentRoute: () => root,
  path: '/overview',
  component: lazyRouteComponent(() => import('./overview/overview'), 'Overview'),
});
const pools = createRoute({
  getParentRoute: () => root,
  path: '/pools',
  component: lazyRouteComponent(() => import('./pools/pools'), 'Pools'),
});
const pool = createRoute({
  getParentRoute: () => root,
  path: '/pools/$name',
  component: lazyRouteComponent(() => import('./pools/pool'), 'Pool'),
});
const events = createRoute({
  getParentRoute: () => root,
  path: '/events',
  component: lazyRouteComponent(() => import('./events/events'), 'Events'),
});
const endpoint = createRoute({
  getParentRoute: () => root,
  path: '/events/$id',
  component: lazyRouteComponent(() => import('./events/endpoint'), 'Endpoint'),
});
const keys = createRoute({
  getParentRoute: () => root,
  path: '/keys',
  component: lazyRouteComponent(() => import('./keys/keys'), 'Keys'),
});
const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  component: lazyRouteComponent(() => import('./keys/audit'), 'Audit'),
});

const router = createRouter({
  routeTree: root.addChildren([home, playground, support, order, overview, pools, pool, events, endpoint, keys, audit]),
  basepath: new URL(document.baseURI).pathname,
  defaultErrorComponent: Broken,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

/** Loads the other pages a while after the first one, so that the menu works while Maskline cannot be reached. */
const OTHER_PAGES_AFTER_MS = 1_500;

export function Console() {
  useEffect(() => {
    const load = () => {
      for (const route of Object.values(router.routesById)) void router.loadRouteChunk(route)?.catch(() => undefined);
    };
    const timer = window.setTimeout(load, OTHER_PAGES_AFTER_MS);
    return () => window.clearTimeout(timer);
  }, []);
  return <RouterProvider router={router} />;
}
