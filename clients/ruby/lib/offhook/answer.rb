# frozen_string_literal: true

require "json"
require "time"
require "uri"
require_relative "errors"

module Offhook
  # An answer as it came, and what it means: a value, or the error that stands in it.
  class Answer
    BY_STATUS = {
      400 => BadRequest, 401 => Unauthorized, 402 => NotEnoughCredit, 403 => Forbidden, 404 => NotFound,
      409 => Conflict, 410 => Gone, 422 => KeyReused, 429 => Throttled, 503 => Unavailable
    }.freeze
    KINDS = { Hash => "an object", Array => "a list" }.freeze
    NEXT = /;\s*rel=(?:"(?:[^"]*\s)?next[\s"]|next\s*(?:;|\z))/i
    LONGEST_EXCERPT = 120
    SUCCESSES = [200, 201, 202].freeze
    # What somebody else wrote stands in our messages, and so in logs and terminals.
    CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/
    LONGEST_WORD = 500
    MOST_NAMED = 3
    LONGEST_SENTENCE = 10_000
    # A longer wait than anybody's, and no number that would not fit.
    LONGEST_WAIT_S = 999_999_999

    attr_reader :asked, :status, :headers, :body

    # `headers` are named in lower case.
    def initialize(asked:, status:, headers:, body:)
      @asked = asked
      @status = status
      @headers = headers
      @body = body
    end

    def success? = SUCCESSES.include?(status)

    # Return the JSON of a success, which must be a Hash with these keys, or an Array of such.
    def value(kind, keys)
      found = json
      unexpected("JSON that is not #{KINDS.fetch(kind)}") unless found.is_a?(kind)
      [found].flatten(1).each do |document|
        unexpected("JSON, but a list of what are no objects") unless document.is_a?(Hash)
        missing = keys.reject { |key| document.key?(key) }
        unexpected("JSON without #{missing.first(MOST_NAMED).join(", ")}") unless missing.empty?
      end
      found
    end

    # Return the bytes of a success, which must be of this type.
    def bytes(type) = content_type == type ? body : unexpected("no #{type}")

    # Raise what the answer says, if it is not a success. `hide` takes secrets out of a text.
    def check(hide)
      @hide = hide
      raise error unless success?
    end

    # Return the query of the next page as pairs, or nil on the last page (RFC 8288).
    #
    # Nothing else of the link is used: credentials go to base_url and nowhere else.
    def next_query
      target = headers.fetch("link", "").scan(/<([^>]*)>([^,<]*)/).find { |_, about| about.match?(NEXT) }
      target && URI.decode_www_form(target[0].partition("?")[2].partition("#")[0])
    rescue ArgumentError
      unexpected("a link to the next page that cannot be read")
    end

    # Return how many seconds are asked for, from a number or a date (RFC 9110 section 10.2.3), or nil.
    def retry_after_s(now = Time.now)
      wish = headers["retry-after"] or return
      wish.match?(/\A[0-9]+\z/) ? [wish[0, 10].to_i, LONGEST_WAIT_S].min : [Time.httpdate(wish) - now, 0].max
    rescue ArgumentError
      nil
    end

    def content_type = headers.fetch("content-type", "").partition(";")[0].strip.downcase

    private

    def error
      return redirected if (300..399).cover?(status)

      found = json
      unexpected("JSON that is no error of this API") unless found.is_a?(Hash) && status >= 400
      if found["detail"].is_a?(String)
        refusal(detail: sentence(found["detail"]), code: text(found["code"]), help: text(found["help"]))
      elsif status == 400 && fields?(found)
        refusal(fields: found.to_h { |name, said| [text(name), Array(said).map { |one| sentence(one) }] })
      else
        unexpected("JSON that is no error of this API")
      end
    end

    def refusal(**parts)
      BY_STATUS.fetch(status, ApiError).new(asked: asked, status: status, retry_after_s: retry_after_s, **parts)
    end

    def fields?(found) = !found.empty? && found.values.all? { |value| value.is_a?(String) || string_list?(value) }

    def string_list?(value) = value.is_a?(Array) && !value.empty? && value.all?(String)

    def redirected
      place = headers["location"].to_s.dup.force_encoding(Encoding::UTF_8).scrub("?").partition("?")[0]
      target = place.empty? ? "nowhere" : text(place)[0, LONGEST_EXCERPT]
      message = "#{asked}: #{status}: the server sends us on to #{target}. Redirects are not followed: " \
                "put the right address into base_url."
      UnexpectedAnswer.new(message, status: status)
    end

    def json
      encoding = headers.fetch("content-encoding", "identity").strip.downcase
      unexpected("compressed, which nobody asked for,") unless ["", "identity"].include?(encoding)
      text = body.dup.force_encoding(Encoding::UTF_8)
      unexpected("bytes that are not UTF-8") unless text.valid_encoding?
      JSON.parse(text)
    rescue JSON::ParserError
      unexpected(text.match?(/\A\s*</) ? "a page (HTML or XML)" : "something that is not JSON")
    end

    def unexpected(what)
      type = content_type.empty? ? "no content type" : clean(content_type)
      message = "#{asked}: #{status}: the answer is #{what} (#{type})#{excerpt}. " \
                "Is base_url that of an Offhook platform, and is nothing between that answers in its place?"
      error = UnexpectedAnswer.new(message, status: status, content_type: content_type, retry_after_s: retry_after_s)
      # The parser's own error would show what was parsed, with whatever is in it.
      raise error, cause: nil
    end

    def excerpt
      # Secrets are hidden before it is cut, so that no half of one is left.
      seen = clean(body.dup.force_encoding(Encoding::UTF_8).scrub("?")).gsub(/(?:[[:space:]]|[[:cntrl:]])+/, " ").strip
      return "" if seen.empty? || !content_type.match?(/text|json|xml/)

      %(, which begins with "#{seen[0, LONGEST_EXCERPT]}")
    end

    # A text for programs, on one line; nil if it is none.
    def text(value) = value.is_a?(String) ? sentence(value).tr("\n", " ")[0, LONGEST_WORD] : nil

    # A text for people: it may have lines, because carets stand under them.
    def sentence(value) = clean(value).gsub(CONTROL, " ")[0, LONGEST_SENTENCE]

    def clean(text) = @hide ? @hide.call(text) : text
  end
end
