import type { Metadata } from "next";
import Link from "next/link";

import { SiteHeader } from "../../view/site-header.tsx";

export const metadata: Metadata = { title: "About" };

export default function AboutPage() {
  return (
    <div className="site">
      <SiteHeader />
      <main className="prose">
        <h1>About Quayside</h1>
        <p>
          Quayside is a place for conversations that several people share. Whoever starts a session owns it:
          they can rename it, pass its link on, and delete it with everything in it. Whoever opens the link
          can join.
        </p>
        <h2>How it treats what you write</h2>
        <ul>
          <li>Messages stay in the order in which they were sent, for everybody.</li>
          <li>After a lost connection the page catches up from the last message it has.</li>
          <li>A message that had to be sent again is still one message.</li>
          <li>Every page and form works without JavaScript; with it, messages arrive by themselves.</li>
        </ul>
        <h2>What is kept</h2>
        <p>
          Your name, your e-mail address, a hash of your password, and the messages of your sessions. There is
          one cookie that keeps you logged in, and nothing that follows you around.
        </p>
        <p>
          <Link href="/">Start page</Link> · <Link href="/signup">Create an account</Link>
        </p>
      </main>
    </div>
  );
}
