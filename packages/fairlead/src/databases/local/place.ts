import { createHash } from "node:crypto";
import { mkdir, readdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";

import {
  codeOf,
  type Context,
  environmentSlug,
  FairleadError,
  readJson,
  stateDirectory,
  writeAtomically,
} from "../../kernel/index.ts";
import { type Account, canReach, chooseAccount, isRoot, makeFolder } from "./account.ts";

/** Where a project's databases live. */
export interface Place {
  /** Holds one folder per environment. */
  databases: string;
  /** Holds downloaded binaries. */
  tools: string;
  /** Holds the locks; outside the environments' folders, as those are moved and deleted under a lock. */
  locks: string;
}

export interface PlaceOptions {
  root: string;
  /** Where data goes that cannot lie in the project. */
  systemDirectory: string;
}

interface Pointer {
  directory: string;
}

/** The place of a project's databases, as it was chosen before or would be in the project. */
export async function findPlace(options: PlaceOptions): Promise<Place> {
  const pointer = await readJson<Pointer>(pointerPath(options.root));
  return placeIn(pointer?.directory ?? stateDirectory(options.root));
}

/**
 * The place of a project's databases, made where there is none. Root runs the servers as another account;
 * when that one cannot go through the project's folders (a project below /root), the data goes to the
 * system's folder instead, and `.fairlead` keeps a pointer to it.
 */
export async function preparePlace(context: Context, options: PlaceOptions): Promise<Place> {
  const place = await findPlace(options);
  await makeFolders(place);
  if (!isRoot()) return place;

  const account = await chooseAccount(context, place.databases);
  if (await canReach(context, account, place.databases)) return place;
  await refuseToLeaveDataBehind(place, account);

  const root = await realpath(options.root);
  const hash = createHash("sha256").update(root).digest("hex").slice(0, 16);
  const elsewhere = placeIn(join(options.systemDirectory, hash));
  await makeFolders(elsewhere);
  if (!(await canReach(context, account, elsewhere.databases))) throw unreachablePlace(elsewhere, account);
  const pointer: Pointer = { directory: join(options.systemDirectory, hash) };
  await writeAtomically(pointerPath(options.root), `${JSON.stringify(pointer, null, 2)}\n`);
  return elsewhere;
}

/** The folder of one environment. */
export function environmentFolder(place: Place, environment: string): string {
  return join(place.databases, environmentSlug(environment));
}

function pointerPath(root: string): string {
  return join(stateDirectory(root), "postgres-elsewhere.json");
}

function placeIn(directory: string): Place {
  const databases = join(directory, "postgres");
  return { databases, tools: join(directory, "tools"), locks: join(databases, ".locks") };
}

async function makeFolders(place: Place): Promise<void> {
  try {
    await mkdir(dirname(dirname(place.databases)), { recursive: true });
    await makeFolder(dirname(place.databases), 0o755);
    // The account that runs Postgres passes through to its own folder.
    await makeFolder(place.databases, 0o711);
    await makeFolder(place.locks, 0o700);
  } catch (error) {
    const code = codeOf(error);
    if (code !== "EACCES" && code !== "EPERM" && code !== "EROFS") throw error;
    throw new FairleadError("database-permission", `cannot write to ${place.databases}`, {
      cause: error,
      exit: "environment",
      hint: "Run fairlead as the user who owns the folder, or give the folder to you.",
    });
  }
}

async function refuseToLeaveDataBehind(place: Place, account: Account | undefined): Promise<void> {
  const entries = await readdir(place.databases);
  if (entries.some((entry) => !entry.startsWith("."))) throw unreachablePlace(place, account);
}

function unreachablePlace(place: Place, account: Account | undefined): FairleadError {
  const uid = account === undefined ? "" : ` (uid ${String(account.uid)})`;
  return new FairleadError(
    "database-permission",
    `the account that runs Postgres${uid} cannot go through the folders of ${place.databases}`,
    { exit: "environment", hint: "Make every folder of that path passable: chmod o+x <folder>." },
  );
}
