"use client";

import { useState } from "react";

/** Copies a text; without JavaScript there is nothing to press, and the text can be selected. */
export function CopyButton({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <button
      className="button quiet needs-script"
      type="button"
      onClick={() => {
        copy().catch(() => undefined);
      }}
    >
      {copied ? "Copied" : "Copy"}
    </button>
  );
}
