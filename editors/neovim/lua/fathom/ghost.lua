-- Draws a suggestion behind the cursor with extmarks, and takes it away when it no longer fits.

local suggestions = require("fathom.suggestion")

local M = {}

local namespace = vim.api.nvim_create_namespace("fathom.ghost")

---@type table<integer, fathom.Suggestion?> By buffer.
local shown = {}

local function set_highlight()
  local target = vim.fn.hlexists("ComplHint") == 1 and "ComplHint" or "Comment"
  vim.api.nvim_set_hl(0, "FathomGhost", { link = target, default = true })
end

---@param line string The first line of the text.
---@param covered string
---@return [integer, string][]? pieces Columns from the cursor and the text to show there; nil where `covered` is not in `line`.
local function pieces_around(line, covered)
  local starts = suggestions.find_covered(line, covered)
  if not starts then
    return nil
  end
  local pieces, from = {}, 0
  for index, start in ipairs(starts) do
    if start > from then
      table.insert(pieces, { index - 1, line:sub(from + 1, start) })
    end
    from = start + 1
  end
  if from < #line then
    table.insert(pieces, { #covered, line:sub(from + 1) })
  end
  return pieces
end

---@param bufnr integer
---@param remaining fathom.Remaining
local function draw(bufnr, remaining)
  vim.api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  local lines = vim.split(remaining.text, "\n", { plain = true })
  local pieces = pieces_around(lines[1], remaining.covered)
  local position = pieces and "inline" or "overlay"
  for _, piece in ipairs(pieces or { { 0, lines[1] } }) do
    vim.api.nvim_buf_set_extmark(bufnr, namespace, remaining.row, remaining.col + piece[1], {
      virt_text = { { piece[2], "FathomGhost" } },
      virt_text_pos = position,
      hl_mode = "combine",
    })
  end
  if #lines > 1 then
    local below = {}
    for index = 2, #lines do
      below[index - 1] = { { lines[index], "FathomGhost" } }
    end
    vim.api.nvim_buf_set_extmark(bufnr, namespace, remaining.row, remaining.col, { virt_lines = below })
  end
end

---@param bufnr integer
function M.hide(bufnr)
  shown[bufnr] = nil
  if vim.api.nvim_buf_is_valid(bufnr) then
    vim.api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  end
end

---Draw what is left of the shown suggestion, or take it away.
---@param bufnr integer
function M.refresh(bufnr)
  local suggestion = shown[bufnr]
  if not suggestion then
    return
  end
  local remaining = vim.fn.pumvisible() == 0 and suggestions.remaining(suggestion)
  if not remaining then
    return M.hide(bufnr)
  end
  draw(bufnr, remaining)
end

---@param suggestion fathom.Suggestion
function M.show(suggestion)
  shown[suggestion.bufnr] = suggestion
  M.refresh(suggestion.bufnr)
end

---@param bufnr integer
---@return fathom.Suggestion?
function M.current(bufnr)
  local suggestion = shown[bufnr]
  return suggestion and suggestions.remaining(suggestion) and suggestion
end

---@param group integer
function M.watch(group)
  set_highlight()
  vim.api.nvim_create_autocmd("ColorScheme", { group = group, callback = set_highlight })
  vim.api.nvim_create_autocmd({ "CursorMovedI", "TextChangedI", "TextChangedP" }, {
    group = group,
    callback = function(event)
      M.refresh(event.buf)
    end,
  })
  vim.api.nvim_create_autocmd({ "InsertLeave", "BufLeave" }, {
    group = group,
    callback = function(event)
      M.hide(event.buf)
    end,
  })
end

return M
