-- What the server says about itself with `fathom/status`, for the statusline, :Fathom status and the health check.

local M = {}

---@class fathom.IndexStatus
---@field phase string
---@field files integer
---@field message string

---@class fathom.Status
---@field state string
---@field percent? integer
---@field reason? string Why there is no suggestion, as a code.
---@field message string The same as a sentence.
---@field model string
---@field index? fathom.IndexStatus How much of the workspace is known; absent where there is none.

---@type table<integer, fathom.Status?> By client.
local statuses = {}

---@type lsp.Handler
function M.receive(_, status, context)
  statuses[context.client_id] = status
  vim.api.nvim_exec_autocmds("User", { pattern = "FathomStatus", modeline = false, data = status })
end

function M.forget()
  for id in pairs(statuses) do
    if not vim.lsp.get_client_by_id(id) then
      statuses[id] = nil
    end
  end
end

---@param bufnr? integer
---@return fathom.Status? status The server's last word; nil before its first.
---@return vim.lsp.Client? client Nil where the server is not attached to the buffer.
function M.get(bufnr)
  local client = vim.lsp.get_clients({ name = "fathom", bufnr = bufnr or 0 })[1]
  return client and statuses[client.id], client
end

---@return fathom.Status[] statuses One for each running server that has spoken.
function M.all()
  M.forget()
  return vim.tbl_values(statuses)
end

---@param status fathom.Status
---@return string words
local function in_words(status)
  local words = status.state
  if type(status.percent) == "number" then
    words = ("%s %d%%"):format(words, status.percent)
  end
  if type(status.reason) == "string" and status.reason ~= "shown" and status.reason ~= "typed-through" then
    words = ("%s: %s"):format(words, (status.reason:gsub("filtered:", "held back, "):gsub("-", " ")))
  end
  return words
end

---@return string line
function M.line()
  local status, client = M.get()
  if not client then
    return ""
  end
  if not require("fathom.attach").enabled() then
    return "Fathom: off"
  end
  return "Fathom: " .. (status and in_words(status) or "starting")
end

---@param status fathom.Status
---@return string[] lines How much of the workspace suggestions know.
function M.index(status)
  local index = status.index
  if type(index) ~= "table" then
    return { "Index: none; no folder of a project is open, or the setting `index` is off" }
  end
  local lines = { ("Index: %s, %d files"):format(index.phase, index.files) }
  if index.message ~= "" then
    table.insert(lines, index.message)
  end
  return lines
end

---@return string[] lines All that is known, for :Fathom status.
function M.report()
  local status, client = M.get()
  if not require("fathom.client").program() then
    return { require("fathom.client").missing() }
  end
  if not client then
    return { "Fathom: not attached to this buffer (filetype '" .. vim.bo.filetype .. "'); see :checkhealth fathom" }
  end
  local lines = { M.line() }
  if status and (status.message or "") ~= "" then
    table.insert(lines, status.message)
  end
  if status and (status.model or "") ~= "" then
    table.insert(lines, "Model: " .. status.model)
  end
  vim.list_extend(lines, status and M.index(status) or {})
  table.insert(lines, "Ghost text: " .. (require("fathom.config").ghost() == "native" and "by Neovim" or "by the plugin"))
  return lines
end

---Draw the statusline again whenever the server speaks.
function M.watch()
  vim.api.nvim_create_autocmd("User", {
    group = vim.api.nvim_create_augroup("fathom.status", {}),
    pattern = "FathomStatus",
    callback = vim.schedule_wrap(function()
      vim.cmd.redrawstatus()
    end),
  })
end

return M
