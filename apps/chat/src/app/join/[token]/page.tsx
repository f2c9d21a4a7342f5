import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";

import { findInvitation } from "../../../server/memberships.ts";
import { currentAccount, refusalOf, type Search } from "../../../server/visitor.ts";
import { FormProblem } from "../../../view/field.tsx";
import { SiteHeader } from "../../../view/site-header.tsx";

export const metadata: Metadata = { title: "Invitation", robots: { index: false } };

interface JoinPageProps {
  params: Promise<{ token: string }>;
  searchParams: Search;
}

export default async function JoinPage({ params, searchParams }: JoinPageProps) {
  const { token } = await params;
  const invitation = await findInvitation(token);
  if (invitation === undefined) notFound();
  const account = await currentAccount();
  const refusal = await refusalOf("join", searchParams);
  const next = encodeURIComponent(`/join/${token}`);
  return (
    <div className="site">
      {account === undefined && <SiteHeader />}
      <main className="card">
        <p className="card-kicker">{invitation.owner} invites you to</p>
        <h1>{invitation.title}</h1>
        {account === undefined ? (
          <>
            <p>You need an account to join, so that the others know who is there.</p>
            <Link className="button" href={`/signup?next=${next}`}>
              Sign up to join
            </Link>
            <p className="card-foot">
              Already here? <Link href={`/login?next=${next}`}>Log in</Link>
            </p>
          </>
        ) : (
          <form method="post" action="/forms/join">
            <FormProblem text={refusal?.problems["form"]} />
            <input type="hidden" name="token" value={token} />
            <p>You will read and write there as {account.name}.</p>
            <button className="button" type="submit">
              Join the session
            </button>
            <p className="card-foot">
              <Link href="/">Not now</Link>
            </p>
          </form>
        )}
      </main>
    </div>
  );
}
