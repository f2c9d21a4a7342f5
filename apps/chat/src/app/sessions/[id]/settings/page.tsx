import type { Metadata } from "next";
import { headers } from "next/headers";
import Link from "next/link";
import { notFound, redirect } from "next/navigation";

import { limits } from "../../../../limits.ts";
import type { Refusal } from "../../../../server/flash.ts";
import { type ChatSession, findSession, listMembers, type Member } from "../../../../server/sessions.ts";
import { currentAccount, refusalOf, type Search } from "../../../../server/visitor.ts";
import { Avatar } from "../../../../view/avatar.tsx";
import { CopyButton } from "../../../../view/copy-button.tsx";
import { Field } from "../../../../view/field.tsx";
import { BackIcon } from "../../../../view/icons.tsx";
import { Workspace } from "../../../../view/workspace.tsx";

export const metadata: Metadata = { title: "Settings" };

interface SettingsPageProps {
  params: Promise<{ id: string }>;
  searchParams: Search;
}

export default async function SettingsPage({ params, searchParams }: SettingsPageProps) {
  const { id } = await params;
  const account = await currentAccount();
  if (account === undefined) redirect(`/login?next=${encodeURIComponent(`/sessions/${id}/settings`)}`);
  const session = await findSession(account.id, id);
  if (session === undefined) notFound();
  const members = await listMembers(session.id);
  const owned = session.ownerId === account.id;
  return (
    <Workspace account={account} showing="session" open={session.id}>
      <main className="settings">
        <header className="conversation-head">
          <Link className="icon-button" href={`/sessions/${session.id}`} aria-label="Back to the session">
            <BackIcon />
          </Link>
          <h1>{session.title}</h1>
        </header>
        <div className="settings-body">
          <Invitation link={`${await origin()}/join/${session.inviteToken}`} />
          <Members members={members} ownerId={session.ownerId} />
          {owned ? (
            <>
              <Rename session={session} refusal={await refusalOf("rename", searchParams)} />
              <Delete session={session} refusal={await refusalOf("delete", searchParams)} />
            </>
          ) : (
            <Leave session={session} />
          )}
        </div>
      </main>
    </Workspace>
  );
}

function Invitation({ link }: { link: string }) {
  return (
    <section>
      <h2>Invite</h2>
      <p>Whoever opens this link can join, read everything and write.</p>
      <div className="copy-row">
        <input readOnly value={link} aria-label="Invitation link" />
        <CopyButton text={link} />
      </div>
    </section>
  );
}

function Members({ members, ownerId }: { members: Member[]; ownerId: string }) {
  return (
    <section>
      <h2>Members</h2>
      <ul className="member-list">
        {members.map((member) => (
          <li key={member.id}>
            <Avatar id={member.id} name={member.name} />
            {member.name}
            {member.id === ownerId && <span className="tag">owner</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Rename({ session, refusal }: { session: ChatSession; refusal: Refusal | undefined }) {
  return (
    <section>
      <h2>Rename</h2>
      <form className="inline-form" method="post" action={`/forms/sessions/${session.id}/rename`}>
        <Field
          label="Name"
          name="title"
          required
          maxLength={limits.title}
          autoComplete="off"
          defaultValue={refusal?.values["title"] ?? session.title}
          problem={refusal?.problems["title"]}
        />
        <button className="button quiet" type="submit">
          Rename
        </button>
      </form>
    </section>
  );
}

function Delete({ session, refusal }: { session: ChatSession; refusal: Refusal | undefined }) {
  const problem = refusal?.problems["confirm"];
  return (
    <section>
      <h2>Delete</h2>
      <form method="post" action={`/forms/sessions/${session.id}/delete`}>
        <label className="check">
          <input type="checkbox" name="confirm" value="yes" required aria-invalid={problem !== undefined} />
          <span>
            Delete this session with its {String(session.lastMessageId)} messages for everybody, for good.
          </span>
        </label>
        {problem !== undefined && (
          <p className="field-note problem" role="alert">
            {problem}
          </p>
        )}
        <button className="button danger" type="submit">
          Delete session
        </button>
      </form>
    </section>
  );
}

function Leave({ session }: { session: ChatSession }) {
  return (
    <section>
      <h2>Leave</h2>
      <p>You can come back with the invitation link.</p>
      <form method="post" action={`/forms/sessions/${session.id}/leave`}>
        <button className="button quiet" type="submit">
          Leave session
        </button>
      </form>
    </section>
  );
}

/** The address under which the visitor came, for links that are passed on. */
async function origin(): Promise<string> {
  const given = await headers();
  const host = given.get("x-forwarded-host") ?? given.get("host") ?? "localhost";
  const protocol = given.get("x-forwarded-proto")?.split(",")[0] ?? "http";
  return `${protocol}://${host}`;
}
