-- A suggestion: text that the server offers at a place, and what is left of it as the user types.
-- Rows and columns are Neovim's: from 0, in bytes.

local M = {}

---Where a request was made.
---@class fathom.Place
---@field bufnr integer
---@field row integer
---@field before string The line before the cursor.
---@field after string The line after the cursor.

---@class fathom.Suggestion
---@field bufnr integer
---@field client_id integer
---@field row integer
---@field before string The line before the text.
---@field text string What would be inserted at the end of `before`.
---@field rest string The line after what would be replaced.
---@field command? lsp.Command To be run by the server when all of it has been accepted.

---What can be inserted now.
---@class fathom.Remaining
---@field row integer
---@field col integer The cursor's column.
---@field text string What the user has not typed yet.
---@field covered string The text after the cursor that `text` contains and replaces: brackets that an editor closed by itself.

---@param bufnr integer
---@return fathom.Place? place The cursor's place; nil where the buffer is not in the current window.
function M.place(bufnr)
  if vim.api.nvim_get_current_buf() ~= bufnr then
    return nil
  end
  local row, col = unpack(vim.api.nvim_win_get_cursor(0))
  local line = vim.api.nvim_get_current_line()
  return { bufnr = bufnr, row = row - 1, before = line:sub(1, col), after = line:sub(col + 1) }
end

---@param line string
---@param column integer A column of the protocol.
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return integer byte
local function to_byte(line, column, encoding)
  return vim.str_byteindex(line, encoding, column, false)
end

---@param item lsp.InlineCompletionItem
---@param place fathom.Place Where the request for it was made.
---@param client vim.lsp.Client
---@return fathom.Suggestion? suggestion Nil where it cannot be shown after the cursor.
function M.from_item(item, place, client)
  local text = item.insertText
  if type(text) ~= "string" then
    return nil -- a snippet: the server never sends one
  end
  text = text:gsub("\r\n?", "\n")
  local line, cursor = place.before .. place.after, #place.before
  local first, last = cursor, cursor
  if item.range then
    if item.range.start.line ~= place.row or item.range["end"].line ~= place.row then
      return nil
    end
    first = to_byte(line, item.range.start.character, client.offset_encoding)
    last = to_byte(line, item.range["end"].character, client.offset_encoding)
  end
  local there = line:sub(first + 1, cursor)
  if first > cursor or last < cursor or not vim.startswith(text, there) or text == there then
    return nil
  end
  return {
    bufnr = place.bufnr,
    client_id = client.id,
    row = place.row,
    before = place.before,
    text = text:sub(#there + 1),
    rest = line:sub(last + 1),
    command = item.command,
  }
end

---@param text string
---@return string line The text before the first line end.
local function first_line(text)
  return (text:match("^[^\n]*"))
end

---Find the characters of `covered` in `line`, in order, each as far right as it can stand.
---@param line string
---@param covered string
---@return integer[]? starts The byte offset in `line` of each character of `covered`; nil where they are not all there.
function M.find_covered(line, covered)
  local starts = {}
  local limit = #line
  for index = #covered, 1, -1 do
    local byte = covered:byte(index)
    while limit > 0 and line:byte(limit) ~= byte do
      limit = limit - 1
    end
    if limit == 0 then
      return nil
    end
    table.insert(starts, 1, limit - 1)
    limit = limit - 1
  end
  return starts
end

---What is left of a suggestion at the cursor.
---@param suggestion fathom.Suggestion
---@return fathom.Remaining? remaining Nil where the user typed something else, moved, or typed all of it.
function M.remaining(suggestion)
  local place = M.place(suggestion.bufnr)
  if not place or place.row ~= suggestion.row or not vim.startswith(place.before, suggestion.before) then
    return nil
  end
  local typed = place.before:sub(#suggestion.before + 1)
  if typed == suggestion.text or not vim.startswith(suggestion.text, typed) then
    return nil
  end
  if not vim.endswith(place.after, suggestion.rest) then
    return nil
  end
  local text = suggestion.text:sub(#typed + 1)
  local covered = place.after:sub(1, #place.after - #suggestion.rest)
  if typed ~= "" and not M.find_covered(first_line(text), covered) then
    return nil -- a bracket that was closed while typing, and that the text does not have
  end
  return { row = place.row, col = #place.before, text = text, covered = covered }
end

local patterns = {
  whole = [[^\_.*]],
  line = [[^\n\?[^\n]*]],
  word = [[^\_s*\%(\k\+\|\%(\k\@!\S\)\+\)]],
}

---@param text string
---@param part fathom.Part
---@return string beginning The part of `text` to accept; words are those of the buffer ('iskeyword').
function M.take(text, part)
  local beginning = vim.fn.matchstr(text, patterns[part])
  return beginning ~= "" and beginning or text
end

---How much of `covered` stays after the cursor when `beginning` has been inserted before it.
---@param beginning string
---@param ending string What is left of the text.
---@param covered string
---@return string kept
function M.keep(beginning, ending, covered)
  if beginning:find("\n", 1, true) then
    return ""
  end
  local line = first_line(ending)
  for from = 1, #covered do
    if M.find_covered(line, covered:sub(from)) then
      return covered:sub(from)
    end
  end
  return ""
end

M.first_line = first_line

return M
