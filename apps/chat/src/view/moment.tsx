"use client";

import { formatMoment } from "../client/time.ts";
import { useTimeZone } from "./use-time-zone.ts";

/** A point in time in the visitor's own zone; in UTC until the page runs. */
export function Moment({ iso }: { iso: string }) {
  const zone = useTimeZone();
  return <time dateTime={iso}>{formatMoment(iso, zone, zone === "UTC" ? undefined : new Date())}</time>;
}
