import Link from "next/link";

import { currentRelease } from "../server/release.ts";

const SHORT_COMMIT = 7;

/** Says which version answers; read when the page is made, since one build runs in every environment. */
export function Footer() {
  const { version, commit, release } = currentRelease();
  const short = /^[0-9a-f]{8,}$/.test(commit) ? commit.slice(0, SHORT_COMMIT) : commit;
  return (
    <footer className="footer">
      <span title={`Release ${release}, commit ${commit}`}>
        Quayside <span data-version>{version}</span> · <span data-commit>{short}</span>
      </span>
      <Link href="/about">About</Link>
    </footer>
  );
}
