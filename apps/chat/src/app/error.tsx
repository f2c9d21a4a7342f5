"use client";

import { Notice } from "../view/notice.tsx";

export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  const reference = error.digest === undefined ? "" : ` If it stays, mention the reference ${error.digest}.`;
  return (
    <Notice title="That did not work" text={`The page could not be made.${reference}`}>
      <button className="button" type="button" onClick={reset}>
        Try again
      </button>
    </Notice>
  );
}
