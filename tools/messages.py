"""Extracts every sentence for translation and compiles the catalogues, by Babel.

    python tools/messages.py            write resources/locale/kling-desktop.pot, update and compile
    python tools/messages.py --check    say whether the template is up to date; changes nothing

A language is a folder `resources/locale/LANGUAGE/LC_MESSAGES` with `kling-desktop.po`; the compiled
`kling-desktop.mo` beside it is what the app reads.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
WORDING = ROOT / "kling_desktop" / "wording"
LOCALE = ROOT / "resources" / "locale"
DOMAIN = "kling-desktop"
TEMPLATE = LOCALE / f"{DOMAIN}.pot"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}


def build_template() -> Catalog:
    """Collect the sentences of `kling_desktop/wording`, sorted, without line numbers.

    Line numbers would change the file with every edit; the module says enough about the place.
    """
    catalog = Catalog(project="Kling Desktop", copyright_holder="The Kling Desktop developers")
    found = extract_from_dir(WORDING, keywords=KEYWORDS, comment_tags=("Translators:",))
    for name, _, message, comments, context in found:
        place = [(f"kling_desktop/wording/{name}", None)]
        catalog.add(message, locations=place, auto_comments=comments, context=context)
    return catalog


def write_text(catalog: Catalog) -> str:
    written = io.BytesIO()
    write_po(written, catalog, omit_header=True, sort_output=True, include_lineno=False, width=100)
    return written.getvalue().decode("utf-8")


def list_catalogues() -> Iterator[Path]:
    yield from sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def update(path: Path, template: Catalog) -> list[str]:
    """Bring one language up to date and compile it; return what is wrong with it."""
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.parent.parent.name, domain=DOMAIN)
    catalog.update(template)
    with path.open("wb") as file:
        write_po(file, catalog, sort_output=True, include_lineno=False, width=100)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)
    faults = [
        f"{path}: {message.id!r} is not translated" for message in catalog if not message.string
    ]
    return faults + [f"{path}: {error}" for _, errors in catalog.check() for error in errors]


def main() -> int:
    template = build_template()
    text = write_text(template)
    if "--check" in sys.argv[1:]:
        if TEMPLATE.is_file() and TEMPLATE.read_text(encoding="utf-8") == text:
            return 0
        print("resources/locale is not up to date: run `make messages`", file=sys.stderr)
        return 1
    LOCALE.mkdir(parents=True, exist_ok=True)
    TEMPLATE.write_text(text, encoding="utf-8")
    faults = [fault for path in list_catalogues() for fault in update(path, template)]
    print(f"{len(template)} sentences, {len(list(list_catalogues()))} languages")
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
