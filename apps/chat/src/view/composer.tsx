"use client";

import { type KeyboardEvent, type SubmitEvent, useState } from "react";

import { limits } from "../limits.ts";
import { SendIcon } from "./icons.tsx";

interface ComposerProps {
  sessionId: string;
  formKey: string;
  draft: string;
  problem: string | undefined;
  onSend(body: string): void;
}

/** Writes a message: Enter sends, Shift and Enter makes a line. Without JavaScript the form does it. */
export function Composer({ sessionId, formKey, draft, problem, onSend }: ComposerProps) {
  const [shownProblem, setShownProblem] = useState(problem);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const field = event.currentTarget.elements.namedItem("body");
    if (!(field instanceof HTMLTextAreaElement) || field.value.trim() === "") return;
    onSend(field.value);
    field.value = "";
    field.focus();
    setShownProblem(undefined);
  };
  return (
    <form
      className="composer"
      method="post"
      action={`/forms/sessions/${sessionId}/messages`}
      onSubmit={submit}
    >
      {shownProblem !== undefined && (
        <p className="field-note problem" role="alert">
          {shownProblem}
        </p>
      )}
      <input type="hidden" name="key" value={formKey} />
      <div className="composer-row">
        <textarea
          name="body"
          rows={1}
          required
          maxLength={limits.message}
          placeholder="Write a message…"
          aria-label="Message"
          defaultValue={draft}
          onKeyDown={sendOnEnter}
        />
        <button className="icon-button solid" type="submit" aria-label="Send">
          <SendIcon />
        </button>
      </div>
      <noscript>
        <p className="field-note">
          Without JavaScript, <a href={`/sessions/${sessionId}`}>reload</a> to see what the others wrote.
        </p>
      </noscript>
    </form>
  );
}

/** On a touch screen Enter makes a line, since there is no Shift to hold. */
function sendOnEnter(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
  if (matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}
