"use client";

import { useSyncExternalStore } from "react";

const unchanging = (): (() => void) => () => undefined;

/** The visitor's time zone; UTC on the server and while the page takes over, so that both render the same. */
export function useTimeZone(): string {
  return useSyncExternalStore(
    unchanging,
    () => Intl.DateTimeFormat().resolvedOptions().timeZone,
    () => "UTC",
  );
}
