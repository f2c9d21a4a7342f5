import { expect, test } from "vitest";

import type { Message } from "../server/messages.ts";
import { type ConversationState, lastIdOf, reduceConversation } from "./conversation-state.ts";

const empty: ConversationState = {
  messages: [],
  pending: [],
  title: "Quay",
  memberCount: 1,
  connection: "connecting",
  gone: false,
};

const message = (id: number, key = `key-${String(id)}`): Message => ({
  id,
  key,
  body: `Message ${String(id)}`,
  author: { id: "a", name: "Ada" },
  createdAt: "2026-11-22T12:00:00.000Z",
});

const ids = (state: ConversationState): number[] => state.messages.map(({ id }) => id);

test("keeps each message once and in order, however they arrive", () => {
  let state = reduceConversation(empty, { type: "received", messages: [message(1), message(3)] });
  state = reduceConversation(state, { type: "received", messages: [message(3), message(2), message(4)] });
  expect(ids(state)).toEqual([1, 2, 3, 4]);
  expect(lastIdOf(state)).toBe(4);
});

test("a pending message goes when the server has it, also when only the stream says so", () => {
  let state = reduceConversation(empty, { type: "queued", message: { key: "k", body: "Hi" } });
  state = reduceConversation(state, { type: "queued", message: { key: "l", body: "Ho" } });
  state = reduceConversation(state, { type: "received", messages: [message(1, "k")] });
  expect(state.pending).toEqual([{ key: "l", body: "Ho" }]);
});

test("a message that was refused says why, can be tried again and dropped", () => {
  let state = reduceConversation(empty, { type: "queued", message: { key: "k", body: "Hi" } });
  state = reduceConversation(state, { type: "refused", key: "k", problem: "too many" });
  expect(state.pending).toEqual([{ key: "k", body: "Hi", problem: "too many" }]);
  state = reduceConversation(state, { type: "retried", key: "k" });
  expect(state.pending).toEqual([{ key: "k", body: "Hi" }]);
  expect(reduceConversation(state, { type: "dropped", key: "k" }).pending).toEqual([]);
});

test("forgets what was undone in the database", () => {
  const state = reduceConversation(empty, {
    type: "received",
    messages: [message(1), message(2), message(3)],
  });
  expect(ids(reduceConversation(state, { type: "reset", head: 1 }))).toEqual([1]);
});

test("shows the title, the members, the connection and the end as they are told", () => {
  let state = reduceConversation(empty, { type: "described", title: "Pier", memberCount: 3 });
  state = reduceConversation(state, { type: "connection", state: "live" });
  expect(reduceConversation(state, { type: "connection", state: "live" })).toBe(state);
  expect(reduceConversation(state, { type: "gone" })).toMatchObject({
    title: "Pier",
    memberCount: 3,
    connection: "live",
    gone: true,
  });
});
