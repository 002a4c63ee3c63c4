-- What the book shows otherwise than pandoc's own Typst writer: page numbers behind inner links, boxes, tags, wide tables.

local function raw(text) return pandoc.RawInline("typst", text) end
local function block(text) return pandoc.RawBlock("typst", text) end

local function has(element, class) return element.classes and element.classes:includes(class) end

function Link(link)
  local target = link.target:match("^#(.+)$")
  if not target then return nil end
  if target:match("^work%-") then return nil end
  return { link, raw("#where(label(\"" .. target .. "\"))") }
end

function Span(span)
  for _, class in ipairs({ "kb-tag", "kb-badge", "kb-design" }) do
    if has(span, class) then
      local out = pandoc.List({ raw("#tag(\"" .. table.concat(span.classes, " ") .. "\")[") })
      out:extend(span.content)
      out:insert(raw("]"))
      return out
    end
  end
end

local function wrapped(name, content)
  local out = pandoc.List({ block("#" .. name .. "[") })
  out:extend(content)
  out:insert(block("]"))
  return out
end

function Div(div)
  if has(div, "admonition") or has(div, "details") then return wrapped("boxed", div.content) end
  if has(div, "admonition-title") then return wrapped("boxed-title", div.content) end
  if has(div, "kb-claim") then
    div.classes = {}
    return wrapped("claim", { div })
  end
  if has(div, "work") then
    div.classes = {}
    return wrapped("work", { div })
  end
  if has(div, "kb-scroll") then return div.content end
end

-- A header row stands again on the next page, where PDF/UA allows no links.
local function without_links(cell)
  cell.contents = cell.contents:walk({
    Link = function(link) return link.content end,
    RawInline = function(inline) if inline.text:match("^#where") then return {} end end,
  })
  return cell
end

-- Columns as wide as their text asks for: pandoc shares the page out equally where a cell holds more than one line.
function Table(tbl)
  tbl.colspecs = tbl.colspecs:map(function(spec) return { spec[1], nil } end)
  for _, row in ipairs(tbl.head.rows) do row.cells = row.cells:map(without_links) end
  if has(tbl, "wide") then return { block("#wide["), tbl, block("]") } end
  return tbl
end

local function quoted(text) return '"' .. text:gsub('[\\"]', "\\%0") .. '"' end

-- pandoc 3.9 writes no alternative text for a picture in a line. Of two side by side the tops are in line.
function Image(image)
  local path = image.src:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end) -- Typst takes no %20
  local alt = ", alt: " .. quoted(pandoc.utils.stringify(image.caption)) .. "))"
  local box = { ["48%"] = "width: 49%, inset: (right: 1.5%), baseline: 100%, " }
  local width = image.attributes.width and ", width: 100%" or ""
  return raw("#box(" .. (box[image.attributes.width] or "") .. "image(" .. quoted(path) .. width .. alt)
end
