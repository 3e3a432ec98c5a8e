// A page as it is shown: with what stands in open shadow roots and in frames of its own origin, in
// the places where a reader sees it. Gives null past MOST characters.
(() => {
    const inert = document.implementation.createHTMLDocument("");
    const text = inert.createElement("div");
    const apart = new Set();  // elements that are not what their markup says, and those around them
    const parts = [];
    let size = 0, frames = 0;

    function put(part) {
        size += part.length;
        if (size > MOST) throw new RangeError();
        parts.push(part);
    }

    function body(frame) {
        try { return frame.contentDocument?.body ?? null; } catch { return null; }
    }

    function mark(node) {
        for (; node && !apart.has(node); node = node.parentNode ?? node.host) apart.add(node);
    }

    function look(root, depth) {
        for (const element of root.querySelectorAll("*")) {
            if (element.shadowRoot) {
                mark(element);
                if (depth < DEEPEST) look(element.shadowRoot, depth + 1);
            } else if (element.localName === "iframe" && body(element)?.hasChildNodes()) {
                if (depth < DEEPEST && ++frames <= FRAMES) {
                    mark(element);
                    look(element.contentDocument, depth + 1);
                }
            } else if (element.localName === "slot") mark(element);
        }
    }

    function inside(element) {
        if (element.shadowRoot) return element.shadowRoot.childNodes;
        const given = element.localName === "slot" ? element.assignedNodes() : [];
        return given.length ? given : element.childNodes;
    }

    function show(node) {
        if (node.nodeType === Node.TEXT_NODE) {
            text.textContent = node.data;
            put(text.innerHTML);
        } else if (node.nodeType === Node.ELEMENT_NODE) {
            if (!apart.has(node)) return put(node.outerHTML);
            if (node.localName === "iframe") {
                put("<div>");
                body(node).childNodes.forEach(show);
                return put("</div>");
            }
            const tag = inert.importNode(node, false).outerHTML, end = `</${node.localName}>`;
            put(tag.slice(0, -end.length));
            inside(node).forEach(show);
            put(end);
        }
    }

    const kind = document.doctype;
    if (kind) put(`<!DOCTYPE ${kind.name}>`);
    try {
        look(document, 0);
        show(document.documentElement);
    } catch { return null; }
    return parts.join("");
})()
