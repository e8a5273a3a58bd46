# frozen_string_literal: true

module Offhook
  # The family of all that this library raises:
  #
  #   OffhookError
  #     InvalidArgument          what was given cannot be sent
  #     ApiError                 the platform said no: status, code, detail, fields, help
  #       BadRequest 400, Unauthorized 401, NotEnoughCredit 402, Forbidden 403, NotFound 404, Conflict 409,
  #       Gone 410, KeyReused 422, Throttled 429, Unavailable 503
  #     NetworkError             no answer came
  #       HostNotFound, ConnectionRefused, ConnectionLost, TimedOut, TlsFailed
  #     UnexpectedAnswer         an answer came, but not one of this API
  #     ScriptRefused            the action language cannot say it: code
  #     SignatureRefused         a request or event is not proved to come from the platform: reason
  #
  # Every message says what happened, where, and what to do. None holds the auth token.
  class OffhookError < StandardError
    # Tell whether it may pass by itself, so that the same request is worth another try.
    def passing? = false
  end

  Error = OffhookError

  class InvalidArgument < OffhookError; end

  # The platform refused. `code` is stable; `fields` names wrong fields, each with its sentences.
  class ApiError < OffhookError
    ADVICE = "Read the help page of the code, or ask whoever runs the platform."
    LONGEST_REASON = 10_000

    attr_reader :status, :code, :detail, :fields, :help, :retry_after_s

    def initialize(asked:, status:, code: nil, detail: nil, fields: {}, help: nil, retry_after_s: nil)
      @status = status
      @code = code
      @fields = fields
      @detail = detail || fields.map { |name, sentences| "#{name}: #{sentences.join(" ")}" }.join(" ")
      @help = help
      @retry_after_s = retry_after_s
      what = "#{asked}: #{[status, code].compact.join(" ")}: #{@detail[0, LONGEST_REASON]}"
      super([what, advice, help && "See #{help}"].compact.join(" "))
    end

    # The first wrong field, or nil.
    def field = fields.keys.first

    private

    # The platform's own sentence may have said it.
    def advice = detail.include?(self.class::ADVICE.chomp(".")) ? nil : self.class::ADVICE
  end

  class BadRequest < ApiError
    ADVICE = "Correct the request."
  end

  class Unauthorized < ApiError
    ADVICE = "Check the SID and the auth token, and from which networks this API user may ask."
  end

  class NotEnoughCredit < ApiError
    ADVICE = "Top up the account."
  end

  class Forbidden < ApiError
    ADVICE = "Have your identity checked by whoever runs the platform, or choose another number."
  end

  class NotFound < ApiError
    ADVICE = "Check the id, and that base_url is right."
  end

  class Conflict < ApiError
    ADVICE = "Read how things stand now before you try again."

    def passing? = code == "idempotency-key-in-progress"
  end

  class Gone < ApiError
    ADVICE = "It is gone for ever; an expired link can be asked for again."
  end

  class KeyReused < ApiError
    ADVICE = "Use a new idempotency key for a new request."
  end

  class Throttled < ApiError
    ADVICE = "Ask again later, and less often."

    def passing? = true
  end

  class Unavailable < ApiError
    ADVICE = "Try again; a request with the same idempotency key is done once."

    def passing? = true
  end

  # No answer came.
  class NetworkError < OffhookError
    def passing? = true
  end

  class HostNotFound < NetworkError; end

  class ConnectionRefused < NetworkError; end

  class ConnectionLost < NetworkError; end

  class TimedOut < NetworkError; end

  class TlsFailed < NetworkError
    # A certificate does not become right while we wait.
    def passing? = false
  end

  # What came is no answer of this API: a page, another program's JSON, a redirect, half of something.
  class UnexpectedAnswer < OffhookError
    attr_reader :status, :content_type, :retry_after_s

    def initialize(message, status: nil, content_type: nil, retry_after_s: nil)
      @status = status
      @content_type = content_type
      @retry_after_s = retry_after_s
      super(message)
    end

    # A proxy in front of the platform says these two as well.
    def passing? = [429, 503].include?(status)
  end

  # The action language has no way to say this; `code` is that of the language.
  class ScriptRefused < OffhookError
    attr_reader :code

    def initialize(code, message)
      @code = code
      super(message)
    end
  end

  # The signature does not prove it. `reason` is one of Signature::REASONS.
  class SignatureRefused < OffhookError
    attr_reader :reason

    def initialize(reason, message)
      @reason = reason
      super(message)
    end
  end
end
