-- Ghost text by Neovim's own vim.lsp.inline_completion (0.12), with what it leaves open: it knows only whole
-- acceptance, shows an old text shifted after a key that does not fit it, and takes answers that come too late.

local ghost = require("fathom.ghost")
local suggestions = require("fathom.suggestion")

local M = {}

local METHOD = "textDocument/inlineCompletion"
local INVOKED = 1
local namespace = vim.api.nvim_create_namespace("nvim.lsp.inline_completion")

---@type table<integer, fathom.Suggestion?> By buffer: the last answer that Neovim was given.
local given = {}

---@param bufnr integer
---@return string? line The first line of the text that Neovim shows, from whichever server it came.
local function drawn(bufnr)
  local mark = vim.api.nvim_buf_get_extmarks(bufnr, namespace, 0, -1, { limit = 1, details = true })[1]
  return mark and mark[4].virt_text and mark[4].virt_text[1][1]
end

---@param bufnr integer
---@return fathom.Suggestion?
function M.current(bufnr)
  local suggestion, line = given[bufnr], drawn(bufnr)
  local remaining = suggestion and line and suggestions.remaining(suggestion)
  if remaining and vim.endswith(suggestions.first_line(remaining.text), line) then
    return suggestion
  end
end

---@param place fathom.Place
---@return boolean
local function still_there(place)
  local now = suggestions.place(place.bufnr)
  return now ~= nil and now.row == place.row and now.before == place.before and now.after == place.after
end

---@param place fathom.Place
---@param result? lsp.InlineCompletionItem[]|lsp.InlineCompletionList
---@return boolean useful False for an answer to a question that the user has left behind.
local function keep_answer(place, result)
  local client = vim.lsp.get_clients({ bufnr = place.bufnr, name = "fathom" })[1]
  local items = result and (result.items or result) or {}
  local suggestion = client and items[1] and suggestions.from_item(items[1], place, client)
  if suggestion and not suggestions.remaining(suggestion) or not suggestion and not still_there(place) then
    return false
  end
  given[place.bufnr] = suggestion
  ghost.hide(place.bufnr)
  return true
end

---Listen to the inline completions that pass between Neovim and the server.
---@param rpc vim.lsp.rpc.PublicClient
---@return vim.lsp.rpc.PublicClient rpc The same.
function M.listen(rpc)
  local request = rpc.request
  local latest ---@type integer?
  rpc.request = function(method, params, callback, ...)
    if method ~= METHOD or params.context.triggerKind == INVOKED then
      return request(method, params, callback, ...)
    end
    local place = suggestions.place(vim.uri_to_bufnr(params.textDocument.uri))
    if not place then
      return false -- Neovim 0.12.0-dev asks for every enabled buffer, with the cursor of the current one
    end
    if latest then
      rpc.notify("$/cancelRequest", { id = latest })
    end
    local sent, id
    sent, id = request(method, params, function(err, result)
      latest = latest ~= id and latest or nil
      if err or keep_answer(place, result) then
        callback(err, result)
      end
    end, ...)
    latest = sent and id or nil
    return sent, id
  end
  return rpc
end

---@param bufnr integer
function M.dismiss(bufnr)
  given[bufnr] = nil
  if vim.lsp.inline_completion then
    vim.lsp.inline_completion.get({ bufnr = bufnr, on_accept = function() end })
  end
end

---Take the shown text from Neovim and give it to `apply`.
---@param bufnr integer
---@param apply fun(suggestion: fathom.Suggestion)
---@return boolean taken
function M.take(bufnr, apply)
  local suggestion = M.current(bufnr)
  if not suggestion then
    return false
  end
  return vim.lsp.inline_completion.get({
    bufnr = bufnr,
    on_accept = function(item)
      if item.client_id == suggestion.client_id then
        given[bufnr] = nil
        apply(suggestion)
      end
    end,
  })
end

---@param bufnr integer
---@param group integer
function M.watch(bufnr, group)
  vim.lsp.inline_completion.enable(true, { bufnr = bufnr })
  -- After Neovim's own handler of the same event, which draws the old text again.
  vim.api.nvim_create_autocmd({ "CursorMovedI", "TextChangedI", "TextChangedP" }, {
    group = group,
    buffer = bufnr,
    callback = function()
      if given[bufnr] and not suggestions.remaining(given[bufnr]) then
        M.dismiss(bufnr)
        vim.api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
      end
    end,
  })
end

---@param bufnr integer
function M.unwatch(bufnr)
  given[bufnr] = nil
  vim.lsp.inline_completion.enable(false, { bufnr = bufnr })
end

return M
