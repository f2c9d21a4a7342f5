import { announce } from "./announcement.ts";
import { database } from "./database.ts";

/** What a link shows before one joins. */
export interface Invitation {
  sessionId: string;
  title: string;
  owner: string;
}

/** The session behind an invitation link. */
export async function findInvitation(inviteToken: string): Promise<Invitation | undefined> {
  return database()
    .selectFrom("sessions")
    .innerJoin("accounts", "accounts.id", "sessions.owner_id")
    .select(["sessions.id as sessionId", "sessions.title", "accounts.name as owner"])
    .where("sessions.invite_token", "=", inviteToken)
    .executeTakeFirst();
}

/** Makes the account a member of the session behind a link; `undefined` when there is none. Idempotent. */
export async function joinSession(accountId: string, inviteToken: string): Promise<string | undefined> {
  const invitation = await findInvitation(inviteToken);
  if (invitation === undefined) return undefined;
  await database()
    .insertInto("members")
    .values({ session_id: invitation.sessionId, account_id: accountId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await announce("session", invitation.sessionId);
  return invitation.sessionId;
}

/** Ends a membership; an owner stays until the session is deleted. Idempotent. */
export async function leaveSession(accountId: string, sessionId: string): Promise<void> {
  await database()
    .deleteFrom("members")
    .where("session_id", "=", sessionId)
    .where("account_id", "=", accountId)
    .where((build) =>
      build.not(
        build.exists(
          build
            .selectFrom("sessions")
            .select("id")
            .where("id", "=", sessionId)
            .where("owner_id", "=", accountId),
        ),
      ),
    )
    .execute();
  await announce("session", sessionId);
}
