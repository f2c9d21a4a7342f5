import Link from "next/link";

import { Notice } from "../view/notice.tsx";

export default function NotFound() {
  return (
    <Notice
      title="Nothing is moored here"
      text="The page does not exist, or the session is not one of yours. Links can come to an end."
    >
      <Link className="button" href="/">
        Go to the start page
      </Link>
    </Notice>
  );
}
