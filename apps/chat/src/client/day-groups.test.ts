import { expect, test } from "vitest";

import type { Message } from "../server/messages.ts";
import { groupByDay } from "./day-groups.ts";
import { formatClock, formatMoment } from "./time.ts";

const message = (id: number, author: string, createdAt: string): Message => ({
  id,
  key: String(id),
  body: "",
  author: { id: author, name: author },
  createdAt,
});

test("groups by the day of the visitor's zone, then by author", () => {
  const messages = [
    message(1, "ada", "2026-11-21T22:50:00.000Z"),
    message(2, "ada", "2026-11-21T22:54:00.000Z"),
    message(3, "bo", "2026-11-21T22:55:00.000Z"),
    message(4, "bo", "2026-11-21T23:01:00.000Z"),
  ];
  const runs = (zone: string): unknown =>
    groupByDay(messages, zone).map((group) => [
      group.day,
      group.runs.map((run) => run.messages.map(({ id }) => id)),
    ]);
  expect(runs("UTC")).toEqual([["Saturday 21 November", [[1, 2], [3], [4]]]]);
  expect(runs("Europe/Berlin")).toEqual([
    ["Saturday 21 November", [[1, 2], [3]]],
    ["Sunday 22 November", [[4]]],
  ]);
});

test("a long pause begins a new run", () => {
  const messages = [
    message(1, "ada", "2026-11-21T10:00:00.000Z"),
    message(2, "ada", "2026-11-21T10:05:01.000Z"),
  ];
  expect(groupByDay(messages, "UTC")[0]?.runs).toHaveLength(2);
});

test("shows the clock today and the day before that", () => {
  const now = new Date("2026-11-22T09:00:00.000Z");
  expect(formatClock("2026-11-22T08:05:00.000Z", "Europe/Berlin")).toBe("09:05");
  expect(formatMoment("2026-11-22T08:05:00.000Z", "UTC", now)).toBe("08:05");
  expect(formatMoment("2026-11-21T08:05:00.000Z", "UTC", now)).toBe("21 Nov");
  expect(formatMoment("2026-11-22T08:05:00.000Z", "UTC", undefined)).toBe("22 Nov");
});
