# frozen_string_literal: true

require_relative "errors"

module Offhook
  # What callers said.
  module Recordings
    TYPES = { "wav" => "audio/wav", "mp3" => "audio/mpeg" }.freeze

    # Return an Enumerator over recordings, the newest first.
    #
    # Filters: since and until (Time or ISO 8601), number, heard (true or false); `limit` is the size of a page.
    def get_recording_list(**filters) = @connection.pages("/voice/recordings/", filters)

    def get_recording(recording_uid) = @connection.get(recording_path(recording_uid))

    # Mark a recording as heard, or take the mark away.
    def mark_recording(recording_uid, heard = true, idempotency_key: nil)
      @connection.post(recording_path(recording_uid), { heard: heard }, idempotency_key)
    end

    # Return links that are good for an hour and need no API user.
    def get_recording_link(recording_uid) = @connection.get(recording_path(recording_uid, "link"))

    # Return the bytes of a recording, "wav" or "mp3".
    def get_recording_audio(recording_uid, format: "wav")
      type = TYPES.fetch(format.to_s) { raise InvalidArgument, "the format is wav or mp3, not #{format.inspect}" }
      @connection.bytes(recording_path(recording_uid, "audio.#{format}"), type)
    end

    def delete_recording(recording_uid) = @connection.delete(recording_path(recording_uid))

    private

    def recording_path(*parts) = @connection.path("voice", "recordings", *parts)
  end
end
