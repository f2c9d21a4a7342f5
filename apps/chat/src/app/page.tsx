import { currentAccount, refusalOf, type Search } from "../server/visitor.ts";
import { Mark } from "../view/brand.tsx";
import { Landing } from "../view/landing.tsx";
import { Workspace } from "../view/workspace.tsx";

/** The visitor's sessions, or what this is for those who are not logged in. */
export default async function StartPage({ searchParams }: { searchParams: Search }) {
  const account = await currentAccount();
  if (account === undefined) return <Landing />;
  return (
    <Workspace account={account} showing="list" refusal={await refusalOf("create", searchParams)}>
      <main className="welcome">
        <Mark />
        <h1>Good to see you, {account.name}.</h1>
        <p>Pick a session on the left, or start a new one and share its link.</p>
      </main>
    </Workspace>
  );
}
