-- Edits that are asked for in words: `:Fathom edit`, and the action of the menu that has none yet.

local M = {}

local COMMAND = "fathom.edit"

---@return vim.lsp.Client? client The server of the current buffer; nil, and a message, where there is none.
local function client()
  local found = vim.lsp.get_clients({ bufnr = 0, name = "fathom" })[1]
  if not found then
    vim.notify("Fathom: no server is attached to this buffer. :Fathom status tells more.", vim.log.levels.WARN)
  end
  return found
end

---@param command string
---@param argument table
---@param to vim.lsp.Client
local function send(command, argument, to)
  to:request("workspace/executeCommand", { command = command, arguments = { argument } }, function(err)
    if err then
      vim.notify("Fathom: " .. err.message, vim.log.levels.ERROR)
    end
  end, vim.api.nvim_get_current_buf())
end

---@param argument table What the server gets, but for the instruction.
---@param to vim.lsp.Client
local function ask(argument, to)
  vim.ui.input({ prompt = "Fathom: what is to be done? " }, function(text)
    if text and vim.trim(text) ~= "" then
      send(COMMAND, vim.tbl_extend("force", argument, { instruction = vim.trim(text) }), to)
    end
  end)
end

---@param first integer A line of the buffer, from 1.
---@param last integer
---@return lsp.Range range Whole lines.
local function lines(first, last)
  return { start = { line = first - 1, character = 0 }, ["end"] = { line = last, character = 0 } }
end

---@param to vim.lsp.Client
---@return lsp.Range range The cursor.
local function cursor(to)
  local place = vim.lsp.util.make_position_params(0, to.offset_encoding).position
  return { start = place, ["end"] = place }
end

---Change lines of the current buffer, or write some at the cursor.
---@param instruction string Asked for if it is empty.
---@param span? integer[] The first and the last line, from 1; without them it is for the cursor.
function M.edit(instruction, span)
  local to = client()
  if not to then
    return
  end
  local range = span and lines(span[1], span[2]) or cursor(to)
  local argument = { action = "rewrite", uri = vim.uri_from_bufnr(0), range = range }
  if instruction == "" then
    return ask(argument, to)
  end
  argument.instruction = instruction
  send(COMMAND, argument, to)
end

---Take the last change of the current buffer back, or stop the one that is being made.
---@param command "fathom.undo"|"fathom.cancel"
function M.run(command)
  local to = client()
  if to then
    send(command, { uri = vim.uri_from_bufnr(0) }, to)
  end
end

---Run a command of the menu, and ask for the instruction where it has none.
---@param command lsp.Command
---@param context table
function M.chosen(command, context)
  local argument = (command.arguments or {})[1] or {}
  local to = vim.lsp.get_client_by_id(context.client_id)
  if not to then
    return
  end
  if argument.ask then
    return ask(argument, to)
  end
  send(COMMAND, argument, to)
end

---Let Neovim give the commands of the menu to this file.
function M.listen()
  vim.lsp.commands[COMMAND] = M.chosen
end

return M
