# frozen_string_literal: true

module Offhook
  # What the API's documents always have, so that another program's JSON is not taken for one of them.
  #
  # A later version may add keys; those named here stay.
  module Documents
    NUMBER = %w[country_code day_cost din din_uid features minute_cost monthly_cost prefix].freeze
    RESERVATION = [*NUMBER, "reserved_until"].freeze
    SUBSCRIPTION =
      [*NUMBER, *%w[action_url default_action ended_at fallback_url renews_at status subscribed_at]].freeze
    DIAGNOSIS = %w[at din din_uid findings verdict].freeze
    RULES = %w[din_uid rules url].freeze
    PREVIEW = %w[at local_time rule script time_zone why].freeze
    CALL = %w[
      actionurl answer_time apiuser call_id caller callid cost direction duration end_time reason recipient start_time
      status uuid
    ].freeze
    EVENT = %w[at_ms code data kind text].freeze
    COMMAND = %w[action call_id code command_id created_at done_at status].freeze
    RECORDING = %w[
      call_id caller deleted_at din din_uid duration end_time heard heard_at kept_until mp3_url reason recording_uid size
      start_time status wav_url
    ].freeze
    LINK = %w[expires_at mp3_url wav_url].freeze
    ACCOUNT = %w[available balance held minimum_credit name].freeze
    POSTING = %w[amount at balance call_id din id kind text].freeze
    USAGE = %w[calls cost day din minutes seconds subscription_cost].freeze
    BREAKER = %w[code node origin retry_at state text].freeze
    SIGNING = %w[previous_secret_until sign_origins signed].freeze
    SECRET = [*SIGNING, "secret"].freeze

    # Which document is the answer to which request; the first line that fits counts.
    OF = [
      [%r{\A\w+ /voice/dins/\z}, NUMBER],
      [%r{\A\w+ /voice/dins/reservations/}, RESERVATION],
      [%r{/diagnosis/\z}, DIAGNOSIS],
      [%r{/rules/preview/\z}, PREVIEW],
      [%r{/rules/\z}, RULES],
      [%r{\A\w+ /voice/dins/subscriptions/}, SUBSCRIPTION],
      [%r{\A\w+ /voice/calls/[^/]+/timeline/\z}, EVENT],
      [%r{\APOST /voice/calls/|/commands/[^/]+/\z}, COMMAND],
      [%r{\A\w+ /voice/calls/}, CALL],
      [%r{\A\w+ /voice/recordings/[^/]+/link/\z}, LINK],
      [%r{\A\w+ /voice/recordings/}, RECORDING],
      [%r{\A\w+ /account/\z}, ACCOUNT],
      [%r{/account/ledger/\z}, POSTING],
      [%r{/account/usage/\z}, USAGE],
      [%r{/account/breakers/\z}, BREAKER],
      [%r{\APOST /account/signing/secret/\z}, SECRET],
      [%r{\A\w+ /account/signing/}, SIGNING]
    ].freeze

    # Return the keys that an answer to `method` and `path`, without a base, has, or each item of one has.
    def self.keys(method, path) = OF.find { |shape, _| shape.match?("#{method} #{path}") }&.last || []
  end
end
