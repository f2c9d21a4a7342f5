/** Tells whether an error means that a row breaks the unique constraint of that name. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  if (!(error instanceof Error)) return false;
  const { code, constraint: broken } = error as Error & { code?: unknown; constraint?: unknown };
  return code === "23505" && broken === constraint;
}
