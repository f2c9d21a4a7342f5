import { randomUUID } from "node:crypto";

import type { Metadata } from "next";
import Link from "next/link";
import { notFound, redirect } from "next/navigation";

import { listMessagesBefore } from "../../../server/messages.ts";
import { findSession } from "../../../server/sessions.ts";
import { currentAccount, refusalOf, type Search } from "../../../server/visitor.ts";
import { Conversation } from "../../../view/conversation.tsx";
import { BackIcon, SettingsIcon } from "../../../view/icons.tsx";
import { Workspace } from "../../../view/workspace.tsx";

const SHOWN_MESSAGES = 60;

interface SessionPageProps {
  params: Promise<{ id: string }>;
  searchParams: Search;
}

export async function generateMetadata({ params }: SessionPageProps): Promise<Metadata> {
  const account = await currentAccount();
  const session = account && (await findSession(account.id, (await params).id));
  return { title: session?.title ?? "Session" };
}

export default async function SessionPage({ params, searchParams }: SessionPageProps) {
  const { id } = await params;
  const account = await currentAccount();
  if (account === undefined) redirect(`/login?next=${encodeURIComponent(`/sessions/${id}`)}`);
  const session = await findSession(account.id, id);
  if (session === undefined) notFound();
  const before = readBefore((await searchParams)["before"]);
  const messages = await listMessagesBefore(session.id, before, SHOWN_MESSAGES);
  const refusal = await refusalOf("message", searchParams);
  const first = messages[0]?.id ?? 1;
  return (
    <Workspace account={account} showing="session" open={session.id}>
      <Conversation
        key={`${session.id}-${String(before ?? "latest")}`}
        session={{ id: session.id, title: session.title, memberCount: session.memberCount }}
        account={{ id: account.id, name: account.name }}
        messages={messages}
        live={before === undefined}
        formKey={randomUUID()}
        draft={refusal?.values["body"] ?? ""}
        problem={refusal?.problems["body"] ?? refusal?.problems["key"]}
        back={
          <Link className="icon-button back" href="/" aria-label="All sessions" prefetch={false}>
            <BackIcon />
          </Link>
        }
        settings={
          <Link
            className="icon-button"
            href={`/sessions/${session.id}/settings`}
            aria-label="Settings and invitation"
            prefetch={false}
          >
            <SettingsIcon />
          </Link>
        }
        earlier={
          first > 1 && (
            <Link
              className="earlier"
              href={`/sessions/${session.id}?before=${String(first)}`}
              prefetch={false}
            >
              Earlier messages
            </Link>
          )
        }
      />
    </Workspace>
  );
}

function readBefore(text: string | string[] | undefined): number | undefined {
  return typeof text === "string" && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
