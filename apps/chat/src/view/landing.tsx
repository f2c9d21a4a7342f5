import Link from "next/link";

import { Avatar } from "./avatar.tsx";
import { AnchorIcon, BoltIcon, LinkIcon } from "./icons.tsx";
import { SiteHeader } from "./site-header.tsx";

/** The start page of visitors who are not logged in. */
export function Landing() {
  return (
    <div className="site">
      <SiteHeader />
      <main className="landing">
        <section className="hero">
          <div className="hero-text">
            <h1>Talk it through, together.</h1>
            <p>
              Open a session, share its link, and everybody in it reads along live. Close the laptop on the
              train and carry on at the next stop: nothing is missed, nothing is sent twice.
            </p>
            <p className="hero-actions">
              <Link className="button" href="/signup">
                Create an account
              </Link>
              <Link className="button quiet" href="/login">
                Log in
              </Link>
            </p>
          </div>
          <Example />
        </section>
        <ul className="points">
          <li>
            <LinkIcon />
            <h2>A link is the invitation</h2>
            <p>Whoever has it can join. No address books, no approvals to chase.</p>
          </li>
          <li>
            <BoltIcon />
            <h2>Live, and patient</h2>
            <p>Messages appear as they are sent, and catch up by themselves after a gap.</p>
          </li>
          <li>
            <AnchorIcon />
            <h2>It stays put</h2>
            <p>Sessions are kept until their owner deletes them, with every message in its order.</p>
          </li>
        </ul>
      </main>
    </div>
  );
}

function Example() {
  return (
    <div className="example" aria-hidden="true">
      <div className="example-head">
        <strong>Harbour festival</strong>
        <span>3 members</span>
      </div>
      <div className="bubble-row">
        <Avatar id="mira-aa" name="Mira Holt" />
        <p className="bubble">The east quay is free on Saturday. Shall we take it?</p>
      </div>
      <div className="bubble-row own">
        <p className="bubble">Yes! I’ll move the stage and tell the band.</p>
      </div>
      <div className="bubble-row">
        <Avatar id="tom-bcd" name="Tom Brandt" />
        <p className="bubble">On my way there now, I can measure it.</p>
      </div>
    </div>
  );
}
