import type { ReactNode } from "react";

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const SendIcon = () => (
  <Icon>
    <path d="M5 12h13M12.5 5.5 19 12l-6.5 6.5" />
  </Icon>
);

export const BackIcon = () => (
  <Icon>
    <path d="M19 12H6M11.5 5.5 5 12l6.5 6.5" />
  </Icon>
);

export const PlusIcon = () => (
  <Icon>
    <path d="M12 5v14M5 12h14" />
  </Icon>
);

export const SettingsIcon = () => (
  <Icon>
    <path d="M4 7h9M19 7h1M4 17h1M11 17h9" />
    <circle cx="16" cy="7" r="2.6" />
    <circle cx="8" cy="17" r="2.6" />
  </Icon>
);

export const LinkIcon = () => (
  <Icon>
    <path d="M10 13.5a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1" />
    <path d="M14 10.5a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 19.2l1-1" />
  </Icon>
);

export const BoltIcon = () => (
  <Icon>
    <path d="M13 3 5.5 13.5H12L11 21l7.5-10.5H12z" />
  </Icon>
);

export const AnchorIcon = () => (
  <Icon>
    <circle cx="12" cy="5.2" r="2.2" />
    <path d="M12 7.4V21M8 11h8M4.5 14.5C5 18.4 8 21 12 21s7-2.6 7.5-6.5" />
  </Icon>
);

export const DownIcon = () => (
  <Icon>
    <path d="M12 5v13M5.5 12.5 12 19l6.5-6.5" />
  </Icon>
);
