"use client";

import "../styles/base.css";
import "../styles/site.css";
import { Notice } from "../view/notice.tsx";

/** Shown when even the frame of the pages breaks, so it brings its own. */
export default function GlobalError({ reset }: { error: Error; reset: () => void }) {
  return (
    <html lang="en">
      <body>
        <div className="page">
          <Notice title="That did not work" text="Quayside could not be shown.">
            <button className="button" type="button" onClick={reset}>
              Try again
            </button>
          </Notice>
        </div>
      </body>
    </html>
  );
}
