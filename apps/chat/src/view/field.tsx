import type { ComponentProps } from "react";

type FieldProps = Omit<ComponentProps<"input">, "id"> & {
  name: string;
  label: string;
  hint?: string | undefined;
  problem?: string | undefined;
};

/** A labelled input that shows what is wrong with it. */
export function Field({ label, hint, problem, ...input }: FieldProps) {
  const id = `field-${input.name}`;
  const note = problem ?? hint;
  return (
    <div className="field" data-problem={problem === undefined ? undefined : ""}>
      <label htmlFor={id}>{label}</label>
      <input
        {...input}
        id={id}
        aria-invalid={problem !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
      />
      {note !== undefined && (
        <p id={`${id}-note`} className="field-note">
          {note}
        </p>
      )}
    </div>
  );
}

/** What is wrong with a form as a whole. */
export function FormProblem({ text }: { text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <p className="form-problem" role="alert">
      {text}
    </p>
  );
}
