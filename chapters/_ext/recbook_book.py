"""The book's one Sphinx extension: what no option of the theme can say."""

from sphinx import addnodes
from sphinx_external_toc.collectors import TocTreeCollectorWithStyles


def number_pages(collector, env):
    """Number pages ``part.chapter``, the part read off the folder: 5-project → 5."""
    before, env.toc_secnumbers = env.toc_secnumbers, {}
    for root in env.numbered_toctrees:
        for toctree in env.get_doctree(root).findall(addnodes.toctree):
            if not toctree.get("numbered"):
                continue
            for chapter, (_, page) in enumerate(toctree["entries"], 1):
                part = int(page.split("/")[-2].split("-")[0])
                env.toc_secnumbers[page] = {"": (part, chapter)}
                env.titles[page]["secnumber"] = [part, chapter]
                for link in env.tocs[page].findall(addnodes.compact_paragraph):
                    is_title = link[0]["anchorname"] == ""
                    link[0]["secnumber"] = [part, chapter] if is_title else None
    now = env.toc_secnumbers
    return [page for page in now if now[page] != before.get(page)]


def tidy_scripts(app, pagename, templatename, context, doctree):
    """Keep each script once, and none of Thebe's, which come from another host."""
    seen, kept = set(), []
    for script in context["script_files"]:
        text = str(getattr(script, "filename", script)) + str(
            getattr(script, "attributes", {}).get("body", "")
        )
        if "thebe" not in text.lower() and text not in seen:
            seen.add(text)
            kept.append(script)
    context["script_files"] = kept
    context["css_files"] = [
        css for css in context["css_files"] if "thebe" not in str(css)
    ]


def setup(app):
    TocTreeCollectorWithStyles.assign_section_numbers = number_pages
    app.connect("html-page-context", tidy_scripts, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
