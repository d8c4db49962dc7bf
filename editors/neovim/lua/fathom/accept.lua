-- Accepts ghost text, all of it or its beginning, whoever drew it.

local ghost = require("fathom.ghost")
local native = require("fathom.native")
local suggestions = require("fathom.suggestion")

local M = {}

---@param suggestion fathom.Suggestion
local function run_command(suggestion)
  local client = vim.lsp.get_client_by_id(suggestion.client_id)
  if client and suggestion.command then
    client:exec_cmd(suggestion.command, { bufnr = suggestion.bufnr })
  end
end

---Replace `covered` after the cursor by `text`, as an undo step of its own, and put the cursor behind `text`.
---@param remaining fathom.Remaining
---@param text string
---@param kept string What stays of `covered` behind the cursor.
local function insert(bufnr, remaining, text, kept)
  vim.cmd("let &g:undolevels = &g:undolevels") -- :help undo-break
  local row, col = remaining.row, remaining.col
  local lines = vim.split(text, "\n", { plain = true })
  local last = #lines[#lines] + (#lines == 1 and col or 0)
  lines[#lines] = lines[#lines] .. kept
  vim.api.nvim_buf_set_text(bufnr, row, col, row, col + #remaining.covered, lines)
  vim.api.nvim_win_set_cursor(0, { row + #lines, last })
end

---@param suggestion fathom.Suggestion
---@param part fathom.Part
local function apply(suggestion, part)
  local remaining = suggestions.remaining(suggestion)
  if not remaining then
    return
  end
  local text = suggestions.take(remaining.text, part)
  local left = remaining.text:sub(#text + 1)
  local kept = suggestions.keep(text, left, remaining.covered)
  insert(suggestion.bufnr, remaining, text, kept)
  if left == "" then
    ghost.hide(suggestion.bufnr)
    return run_command(suggestion)
  end
  local place = assert(suggestions.place(suggestion.bufnr))
  ghost.show(vim.tbl_extend("force", suggestion, {
    row = place.row,
    before = place.before,
    text = left,
    rest = place.after:sub(#kept + 1),
  }))
end

---@return boolean
function M.visible()
  local bufnr = vim.api.nvim_get_current_buf()
  return (ghost.current(bufnr) or native.current(bufnr)) ~= nil
end

---@param part fathom.Part
---@return boolean accepted
function M.accept(part)
  local bufnr = vim.api.nvim_get_current_buf()
  local suggestion = ghost.current(bufnr)
  if suggestion then
    apply(suggestion, part)
    return true
  end
  return native.take(bufnr, function(taken)
    apply(taken, part)
  end)
end

function M.dismiss()
  local bufnr = vim.api.nvim_get_current_buf()
  require("fathom.request").cancel(bufnr)
  ghost.hide(bufnr)
  native.dismiss(bufnr)
end

return M
