const HUES = 8;
const letters = new Intl.Segmenter("en");

/** The first letters of a name on a colour of its own; the colour comes from the id and stays. */
export function Avatar({ id, name }: { id: string; name: string }) {
  return (
    <span className="avatar" data-hue={hueOf(id)} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}

function hueOf(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return sum % HUES;
}

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== "");
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
  return chosen.map(firstLetter).join("").toUpperCase();
}

/** As people see letters: one emoji of several code points is one. */
function firstLetter(word: string | undefined): string {
  for (const { segment } of letters.segment(word ?? "")) return segment;
  return "";
}
