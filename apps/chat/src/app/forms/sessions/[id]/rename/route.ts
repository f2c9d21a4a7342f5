import { seeOther } from "../../../../../server/answers.ts";
import { readForm, sendBack } from "../../../../../server/form.ts";
import { checkInput, titleInput } from "../../../../../server/input.ts";
import { memberFormRoute } from "../../../../../server/route.ts";
import { renameSession } from "../../../../../server/sessions.ts";

/** Renames a session of the account: `title`. */
export const POST = memberFormRoute(async ({ request, account, parameters }) => {
  const id = encodeURIComponent(parameters["id"] ?? "");
  const fields = await readForm(request);
  const input = checkInput(titleInput, fields);
  if (!input.ok) {
    const values = { title: fields["title"] ?? "" };
    return sendBack(request, `/sessions/${id}/settings`, {
      form: "rename",
      problems: input.problems,
      values,
    });
  }
  const renamed = await renameSession(account.id, id, input.values.title);
  return seeOther(renamed ? `/sessions/${id}` : "/");
});
