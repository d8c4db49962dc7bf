"""Every method of the protocol and its treatment; other requests are refused, other notifications ignored.

With None in the place of the parameters' type a method reads them itself, and makes do with what it finds.
`$/cancelRequest` is the connection's own business. A cancelled, superseded or interrupted request is
answered by the connection as well, so that no method can forget it.
"""

from __future__ import annotations

from collections.abc import Mapping

from lsprotocol import types

from lsp_server.protocol import documents, shutdown
from lsp_server.protocol.code_action import code_action
from lsp_server.protocol.completion import EMPTY_LIST, completion
from lsp_server.protocol.configuration import did_change_configuration
from lsp_server.protocol.connection import Later, Notice, Now, Treatment
from lsp_server.protocol.context import context
from lsp_server.protocol.execute_command import execute_command
from lsp_server.protocol.extensions import CONTEXT, MODELS, RESTART, USE_MODEL, UseModel
from lsp_server.protocol.initialize import initialize, initialized
from lsp_server.protocol.inline_completion import EMPTY_INLINE_LIST, document_of, inline_completion
from lsp_server.protocol.models import models
from lsp_server.protocol.restart import restart
from lsp_server.protocol.running import did_cancel_progress
from lsp_server.protocol.use_model import use_model
from lsp_server.protocol.watched_files import did_change_watched_files
from lsp_server.protocol.workspace_folders import did_change_workspace_folders

METHODS: Mapping[str, Treatment] = {
    # Life of the connection.
    types.INITIALIZE: Now(None, initialize),
    types.INITIALIZED: Notice(None, initialized),
    types.SHUTDOWN: Now(None, shutdown.shutdown),
    types.EXIT: Notice(None, shutdown.exit_process),
    # Documents and folders.
    types.TEXT_DOCUMENT_DID_OPEN: Notice(None, documents.did_open),
    types.TEXT_DOCUMENT_DID_CHANGE: Notice(None, documents.did_change),
    types.TEXT_DOCUMENT_DID_CLOSE: Notice(None, documents.did_close),
    types.TEXT_DOCUMENT_DID_SAVE: Notice(None, documents.did_save),
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: Notice(None, did_change_workspace_folders),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: Notice(None, did_change_watched_files),
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: Notice(None, did_change_configuration),
    # Ghost text.
    types.TEXT_DOCUMENT_INLINE_COMPLETION: Later(
        types.InlineCompletionParams, inline_completion, subject=document_of, superseded=EMPTY_INLINE_LIST
    ),
    types.TEXT_DOCUMENT_COMPLETION: Later(
        types.CompletionParams, completion, subject=document_of, superseded=EMPTY_LIST
    ),
    # Changes.
    types.TEXT_DOCUMENT_CODE_ACTION: Now(types.CodeActionParams, code_action),
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL: Notice(None, did_cancel_progress),
    # Our own.
    types.WORKSPACE_EXECUTE_COMMAND: Later(types.ExecuteCommandParams, execute_command),
    RESTART: Later(None, restart),
    MODELS: Later(None, models),
    CONTEXT: Later(None, context),
    USE_MODEL: Later(UseModel, use_model),
}
