import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";

import { limits } from "../../limits.ts";
import { safePath } from "../../server/answers.ts";
import { currentAccount, refusalOf, type Search } from "../../server/visitor.ts";
import { Field, FormProblem } from "../../view/field.tsx";
import { SiteHeader } from "../../view/site-header.tsx";

export const metadata: Metadata = { title: "Sign up" };

export default async function SignupPage({ searchParams }: { searchParams: Search }) {
  const next = safePath((await searchParams)["next"]);
  if ((await currentAccount()) !== undefined) redirect(next);
  const refusal = await refusalOf("signup", searchParams);
  return (
    <div className="site">
      <SiteHeader />
      <main className="card">
        <h1>Create an account</h1>
        <form method="post" action="/forms/signup">
          <FormProblem text={refusal?.problems["form"]} />
          <input type="hidden" name="next" value={next} />
          <Field
            label="Name"
            name="name"
            required
            maxLength={limits.name}
            autoComplete="name"
            hint="The others in a session see it."
            defaultValue={refusal?.values["name"]}
            problem={refusal?.problems["name"]}
          />
          <Field
            label="E-mail"
            name="email"
            type="email"
            required
            maxLength={limits.email}
            autoComplete="username"
            defaultValue={refusal?.values["email"]}
            problem={refusal?.problems["email"]}
          />
          <Field
            label="Password"
            name="password"
            type="password"
            required
            minLength={limits.passwordMin}
            maxLength={limits.passwordMax}
            autoComplete="new-password"
            hint={`At least ${String(limits.passwordMin)} characters; a sentence is easy to keep in mind.`}
            problem={refusal?.problems["password"]}
          />
          <button className="button" type="submit">
            Sign up
          </button>
        </form>
        <p className="card-foot">
          Already here? <Link href={`/login?next=${encodeURIComponent(next)}`}>Log in</Link>
        </p>
      </main>
    </div>
  );
}
