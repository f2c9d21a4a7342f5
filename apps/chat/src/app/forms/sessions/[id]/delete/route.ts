import { seeOther } from "../../../../../server/answers.ts";
import { readForm, sendBack } from "../../../../../server/form.ts";
import { memberFormRoute } from "../../../../../server/route.ts";
import { deleteSession } from "../../../../../server/sessions.ts";

/** Deletes a session of the account for good, once `confirm` is ticked. */
export const POST = memberFormRoute(async ({ request, account, parameters }) => {
  const id = encodeURIComponent(parameters["id"] ?? "");
  const fields = await readForm(request);
  if (fields["confirm"] !== "yes") {
    const problems = { confirm: "Tick the box to delete the session with all its messages." };
    return sendBack(request, `/sessions/${id}/settings`, { form: "delete", problems, values: {} });
  }
  await deleteSession(account.id, id);
  return seeOther("/");
});
