import type { Message } from "../server/messages.ts";

/** A message of one's own that the server does not have yet. */
export interface PendingMessage {
  key: string;
  body: string;
  /** Why it was not sent; `undefined` while it is on its way. */
  problem?: string;
}

export type ConnectionState = "connecting" | "live" | "interrupted";

export interface ConversationState {
  /** In the order of their ids. */
  messages: Message[];
  pending: PendingMessage[];
  title: string;
  memberCount: number;
  connection: ConnectionState;
  /** Deleted, or no longer a member. */
  gone: boolean;
}

export type ConversationAction =
  | { type: "received"; messages: Message[] }
  | { type: "queued"; message: PendingMessage }
  | { type: "refused"; key: string; problem: string }
  | { type: "retried"; key: string }
  | { type: "dropped"; key: string }
  | { type: "described"; title: string; memberCount: number }
  | { type: "connection"; state: ConnectionState }
  | { type: "reset"; head: number }
  | { type: "gone" };

/** What a conversation looks like after something happened. */
export function reduceConversation(state: ConversationState, action: ConversationAction): ConversationState {
  switch (action.type) {
    case "received":
      return receive(state, action.messages);
    case "queued":
      return { ...state, pending: [...state.pending, action.message] };
    case "refused":
      return { ...state, pending: updatePending(state, action.key, action.problem) };
    case "retried":
      return { ...state, pending: updatePending(state, action.key, undefined) };
    case "dropped":
      return { ...state, pending: state.pending.filter(({ key }) => key !== action.key) };
    case "described":
      return { ...state, title: action.title, memberCount: action.memberCount };
    case "connection":
      return state.connection === action.state ? state : { ...state, connection: action.state };
    case "reset":
      return { ...state, messages: state.messages.filter(({ id }) => id <= action.head) };
    case "gone":
      return { ...state, gone: true };
  }
}

/** Id of the newest message, 0 without any. */
export function lastIdOf(state: ConversationState): number {
  return state.messages.at(-1)?.id ?? 0;
}

/** Each message once, in the order of ids: the answer to sending and the stream bring the same one. */
function receive(state: ConversationState, arrived: Message[]): ConversationState {
  const known = new Set(state.messages.map(({ id }) => id));
  const fresh = arrived.filter(({ id }) => !known.has(id));
  const keys = new Set(arrived.map(({ key }) => key));
  return {
    ...state,
    messages: [...state.messages, ...fresh].sort((a, b) => a.id - b.id),
    pending: state.pending.filter(({ key }) => !keys.has(key)),
  };
}

function updatePending(state: ConversationState, key: string, problem: string | undefined): PendingMessage[] {
  return state.pending.map((message) =>
    message.key === key
      ? { key, body: message.body, ...(problem === undefined ? {} : { problem }) }
      : message,
  );
}
