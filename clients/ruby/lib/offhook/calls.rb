# frozen_string_literal: true

module Offhook
  # Calls that were and calls that are, and what a running one shall do.
  module Calls
    # Return an Enumerator over calls, the newest first.
    #
    # Filters: since and until (Time or ISO 8601), number, caller, status, reason; `limit` is the size of a page.
    def get_call_list(**filters) = @connection.pages("/voice/calls/", filters)

    def get_call(call_id) = @connection.get(call_path(call_id))

    # Return what happened in a call, moment by moment.
    def get_timeline(call_id) = @connection.list(call_path(call_id, "timeline"))

    # Have a running call do something else at once; `action` is action text or a Script. Returns the command.
    def direct_call(call_id, action, idempotency_key: nil)
      @connection.post(call_path(call_id), { action: action }, idempotency_key)
    end

    # End a running call. Returns the command.
    def hang_up_call(call_id, idempotency_key: nil)
      @connection.post(call_path(call_id), { status: "completed" }, idempotency_key)
    end

    # Return what became of a command.
    def get_command(call_id, command_id) = @connection.get(call_path(call_id, "commands", command_id))

    private

    def call_path(*parts) = @connection.path("voice", "calls", *parts)
  end
end
