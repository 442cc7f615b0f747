import type { ReactNode } from 'react';

const icon = (name: string, drawing: ReactNode) => {
  const Icon = () => (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      {drawing}
    </svg>
  );
  Icon.displayName = name;
  return Icon;
};

export const SupportIcon = icon(
  'SupportIcon',
  <path d="M4 14v-3a8 8 0 0 1 16 0v3M4 14a2 2 0 0 1 2-2h1v6H6a2 2 0 0 1-2-2zm16 0a2 2 0 0 0-2-2h-1v6h1a2 2 0 0 0 2-2zm-1 4a4 4 0 0 1-4 3h-2" />,
);
export const OverviewIcon = icon('OverviewIcon', <path d="M4 4h7v7H4zM13 4h7v4h-7zM13 11h7v9h-7zM4 14h7v6H4z" />);
export const PoolsIcon = icon('PoolsIcon', <path d="M5 9h14M5 15h14M10 4 8 20M16 4l-2 16" />);
export const EventsIcon = icon('EventsIcon', <path d="M4 12h4l3-8 3 16 3-8h3" />);
export const KeysIcon = icon(
  'KeysIcon',
  <path d="M15 11a4 4 0 1 0-3.9-3L4 15v4h4v-2h2v-2h2l1.200-1.200A4 4 0 0 0 15 11zm1-4h.01" />,
);
export const AuditIcon = icon('AuditIcon', <path d="M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h7" />);
export const PlaygroundIcon = icon(
  'PlaygroundIcon',
  <path d="M4 3h7v15H4zM7 15h1M15 8a4 4 0 0 1 0 6M18 5a8 8 0 0 1 0 12" />,
);
