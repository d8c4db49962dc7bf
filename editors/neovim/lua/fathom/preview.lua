-- Shows what `fathom/edit` tells: the new lines of an edit below the old ones, while the model writes them.

local M = {}

local namespace = vim.api.nvim_create_namespace("fathom.preview")

---@type integer The last lines, so many of them: the old ones should stay in sight.
local MOST = 12

---@class fathom.Preview
---@field bufnr integer
---@field mark integer An extmark, which moves with what is typed.
---@field title string
---@field lines string[]

---@class fathom.EditEvent
---@field id string
---@field uri string
---@field kind "begin"|"lines"|"again"|"end"
---@field title? string
---@field range? lsp.Range
---@field lines? string[]

---@type table<string, fathom.Preview?> By the id of the edit.
local previews = {}

local function set_highlight()
  vim.api.nvim_set_hl(0, "FathomPreview", { link = "DiffAdd", default = true })
  vim.api.nvim_set_hl(0, "FathomPreviewTitle", { link = "Comment", default = true })
end

---@param preview fathom.Preview
---@return [string, string][][] rows
local function rows_of(preview)
  local lines = preview.lines
  local count = #lines == 1 and "1 line" or ("%d lines"):format(#lines)
  local title = ("%s: %s … (:Fathom cancel stops it)"):format(preview.title, count)
  local rows = { { { title, "FathomPreviewTitle" } } }
  local tab = (" "):rep(vim.bo[preview.bufnr].tabstop)
  for index = math.max(1, #lines - MOST + 1), #lines do
    table.insert(rows, { { (lines[index]:gsub("\t", tab)), "FathomPreview" } })
  end
  return rows
end

---@param preview fathom.Preview
---@param row integer
local function draw(preview, row)
  preview.mark = vim.api.nvim_buf_set_extmark(preview.bufnr, namespace, row, 0, {
    id = preview.mark,
    virt_lines = rows_of(preview),
  })
end

---@param preview fathom.Preview
local function draw_again(preview)
  local place = vim.api.nvim_buf_is_valid(preview.bufnr)
    and vim.api.nvim_buf_get_extmark_by_id(preview.bufnr, namespace, preview.mark, {})
  if place and place[1] then
    draw(preview, place[1])
  end
end

---@param event fathom.EditEvent
local function begin(event)
  local bufnr = vim.uri_to_bufnr(event.uri)
  if not vim.api.nvim_buf_is_loaded(bufnr) then
    return
  end
  local stop = event.range["end"]
  local last = stop.character == 0 and stop.line > event.range.start.line and stop.line - 1 or stop.line
  local preview = { bufnr = bufnr, title = event.title or "Fathom", lines = {} }
  previews[event.id] = preview
  draw(preview, math.min(last, vim.api.nvim_buf_line_count(bufnr) - 1))
end

---@param id string
local function finish(id)
  local preview = previews[id]
  previews[id] = nil
  if preview and vim.api.nvim_buf_is_valid(preview.bufnr) then
    vim.api.nvim_buf_del_extmark(preview.bufnr, namespace, preview.mark)
  end
end

---@type lsp.Handler
function M.receive(_, event)
  if event.kind == "begin" then
    return begin(event)
  elseif event.kind == "end" then
    return finish(event.id)
  end
  local preview = previews[event.id]
  if not preview then
    return
  end
  if event.kind == "again" then
    preview.lines = {}
  end
  vim.list_extend(preview.lines, event.lines or {})
  draw_again(preview)
end

---Take the previews of a buffer away: nobody tells of their end any more.
---@param bufnr integer
function M.hide(bufnr)
  for id, preview in pairs(previews) do
    if preview.bufnr == bufnr then
      finish(id)
    end
  end
end

---@param group integer
function M.watch(group)
  set_highlight()
  vim.api.nvim_create_autocmd("ColorScheme", { group = group, callback = set_highlight })
end

return M
