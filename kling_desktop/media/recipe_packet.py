"""The recipe as an XMP packet, the form in which pictures and videos carry words about themselves.

Other programs find the prompt in it as the description; the recipe itself is one property.
"""

import re
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

from kling_desktop.domain.video import Recipe

_NAMESPACE = "urn:kling-desktop:recipe:1"
_RECIPE = f"{{{_NAMESPACE}}}recipe"
_TITLE_CHARS = 120
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:kd="{namespace}">
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
   <dc:description><rdf:Alt>
    <rdf:li xml:lang="x-default">{prompt}</rdf:li>
   </rdf:Alt></dc:description>
   <xmp:CreateDate>{made_at}</xmp:CreateDate>
   <kd:recipe>{recipe}</kd:recipe>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def build_packet(recipe: Recipe, text: str) -> bytes:
    """Write a packet around a recipe's JSON, which is plain ASCII."""
    prompt = recipe.draft.prompt
    packet = _PACKET.format(
        namespace=_NAMESPACE,
        title=_to_xml(" ".join(prompt.split())[:_TITLE_CHARS]),
        prompt=_to_xml(prompt),
        made_at=recipe.made_at.isoformat(timespec="seconds"),
        recipe=escape(text),
    )
    return packet.encode("utf-8")


def find_recipe_text(packet: bytes) -> str:
    """Return the recipe's JSON in a packet that anybody may have made; empty without one."""
    if _NAMESPACE.encode() not in packet or b"<!" in packet:
        return ""  # a document type would be the way to make a little text into a lot
    try:
        tree = ET.fromstring(packet)  # noqa: S314 - it has no document type, so no entities
    except (ET.ParseError, ValueError):
        return ""
    for element in tree.iter():
        text = element.text if element.tag == _RECIPE else element.get(_RECIPE)
        if text:
            return text
    return ""


def _to_xml(text: str) -> str:
    return escape(_NOT_IN_XML.sub("", text))
