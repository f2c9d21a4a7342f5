"use client";

import { createContext, type ReactNode, useContext, useState } from "react";

import { Moment } from "./moment.tsx";

interface LatestMessage {
  sessionId: string;
  author: string;
  body: string;
  createdAt: string;
}

type SetLatest = (message: LatestMessage) => void;

const Latest = createContext<LatestMessage | undefined>(undefined);
const SetLatestMessage = createContext<SetLatest>(() => undefined);

/** Lets the list of sessions show what arrives in the one that is open. */
export function LatestMessageProvider({ children }: { children: ReactNode }) {
  const [latest, setLatest] = useState<LatestMessage>();
  return (
    <SetLatestMessage value={setLatest}>
      <Latest value={latest}>{children}</Latest>
    </SetLatestMessage>
  );
}

export function useSetLatestMessage(): SetLatest {
  return useContext(SetLatestMessage);
}

interface SessionLineProps {
  id: string;
  title: string;
  lastActivityAt: string;
  lastMessage?: { author: string; body: string };
}

/** A line of the list: name, time, and the newest message. */
export function SessionLine({ id, title, lastActivityAt, lastMessage }: SessionLineProps) {
  const latest = useContext(Latest);
  const live = latest?.sessionId === id ? latest : undefined;
  const message = live ?? lastMessage;
  return (
    <>
      <span className="session-line">
        <strong>{title}</strong>
        <Moment iso={live?.createdAt ?? lastActivityAt} />
      </span>
      <span className="session-preview">
        {message === undefined ? "No messages yet" : `${message.author}: ${message.body}`}
      </span>
    </>
  );
}
