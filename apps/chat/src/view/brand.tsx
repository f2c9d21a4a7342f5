import Link from "next/link";

/** The mark: a mooring ring with the line that runs through it. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect className="mark-ground" width="32" height="32" rx="9" />
      <circle className="mark-ring" cx="16" cy="14" r="6.2" />
      <path className="mark-line" d="M4 24.5c3 0 3-2 6-2s3 2 6 2 3-2 6-2 3 2 6 2" />
    </svg>
  );
}

export function Brand() {
  return (
    <Link className="brand" href="/">
      <Mark />
      <span>Quayside</span>
    </Link>
  );
}
