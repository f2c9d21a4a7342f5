const LOCALE = "en-GB";

/** `14:03` */
export function formatClock(iso: string, timeZone: string): string {
  return new Date(iso).toLocaleTimeString(LOCALE, { hour: "2-digit", minute: "2-digit", timeZone });
}

/** `Sunday 22 November`; two messages of one day have the same text. */
export function formatDay(iso: string, timeZone: string): string {
  const date = new Date(iso);
  return date.toLocaleDateString(LOCALE, { weekday: "long", day: "numeric", month: "long", timeZone });
}

/** The clock for today, the day for anything before (and while today is not known). */
export function formatMoment(iso: string, timeZone: string, now: Date | undefined): string {
  if (now !== undefined && formatDay(iso, timeZone) === formatDay(now.toISOString(), timeZone)) {
    return formatClock(iso, timeZone);
  }
  return new Date(iso).toLocaleDateString(LOCALE, { day: "numeric", month: "short", timeZone });
}
