"""Write the drawings into static/img and the icons into static/icons, or all into one: `python -m artwork [FOLDER]`."""

import sys
from pathlib import Path

from artwork import divider, hero, icons, lost, mark, pressure, prints, regions, ruler, run, share, thread
from artwork.theme import ROOT

DRAWINGS = (hero, regions, divider, run, ruler, thread, pressure, prints, lost, mark)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "static" / "img"
    folder.mkdir(parents=True, exist_ok=True)
    for drawing in DRAWINGS:
        for name, text in drawing.draw():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    root = folder if len(sys.argv) > 1 else ROOT / "static" / "icons"
    root.mkdir(parents=True, exist_ok=True)
    for name, content in icons.draw():
        (root / name).write_bytes(content)
    if browser := share.find_browser():
        (folder / "share.png").write_bytes(share.render(browser))
    else:
        print("share.png is not drawn: there is no Chromium here.", file=sys.stderr)


if __name__ == "__main__":
    main()
