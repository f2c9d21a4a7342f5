import type { Message } from "../server/messages.ts";
import { formatDay } from "./time.ts";

/** A run of messages by one author, shown under one name. */
export interface AuthorRun {
  author: Message["author"];
  messages: Message[];
}

export interface DayGroup {
  day: string;
  runs: AuthorRun[];
}

const LONGEST_PAUSE_MS = 5 * 60_000;

/** Groups messages by day in a time zone, and within a day into runs by one author without a long pause. */
export function groupByDay(messages: readonly Message[], timeZone: string): DayGroup[] {
  const groups: DayGroup[] = [];
  for (const message of messages) {
    const day = formatDay(message.createdAt, timeZone);
    let group = groups.at(-1);
    if (group?.day !== day) {
      group = { day, runs: [] };
      groups.push(group);
    }
    const run = group.runs.at(-1);
    if (run !== undefined && continues(run, message)) run.messages.push(message);
    else group.runs.push({ author: message.author, messages: [message] });
  }
  return groups;
}

function continues(run: AuthorRun, message: Message): boolean {
  const last = run.messages.at(-1);
  if (last === undefined || run.author.id !== message.author.id) return false;
  return Date.parse(message.createdAt) - Date.parse(last.createdAt) <= LONGEST_PAUSE_MS;
}
