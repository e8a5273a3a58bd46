# frozen_string_literal: true

require_relative "errors"

module Offhook
  # SID and auth token of an API user, kept so that the token comes out in one header and nowhere else.
  class Credentials
    MASK = "***"
    # A shorter token may be a word that is meant otherwise, as in the code `wrong-credentials`.
    SURELY_SECRET = 8

    def initialize(sid, token)
      @sid = plain(sid, /\A[^:[:cntrl:]]+\z/, "the SID is empty, or has a colon or a control character")
      @token = plain(token, /\A[^[:cntrl:]]+\z/, "the auth token is empty, or has a control character")
    end

    # The value of the Authorization header (RFC 7617).
    def header = "Basic #{encoded}"

    # Return a text from elsewhere without the token: a server may echo what it was sent.
    def hide(text)
      token = @token.length < SURELY_SECRET ? /(?<![\w-])#{Regexp.escape(@token)}(?![\w-])/ : @token
      text.gsub(encoded, MASK).gsub(token, MASK)
    end

    def inspect = "#<#{self.class} sid=#{@sid.inspect} token=#{MASK}>"
    alias to_s inspect

    private

    def plain(value, form, wrong)
      text = value.to_s.dup.force_encoding(Encoding::UTF_8)
      raise InvalidArgument, wrong unless text.valid_encoding? && text.match?(form)

      text.freeze
    end

    def encoded = ["#{@sid}:#{@token}"].pack("m0")
  end
end
