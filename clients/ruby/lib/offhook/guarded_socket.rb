# frozen_string_literal: true

require "net/http"

module Offhook
  # What net/http reads through: no answer may take longer in all, or be longer before its body, than was said.
  #
  # net/http itself knows a time-out for each silence only, and no limit of headers: a server that sends a byte now
  # and then, or headers for ever, would be listened to for ever.
  class GuardedSocket < Net::BufferedIO
    class TooLong < StandardError; end
    # To net/http headers are whole wherever they end.
    class HalfAHead < IOError; end

    MOST_HEADER_BYTES = 256 * 1024
    # No line of HTTP is longer, neither a header nor the one before a part of a body.
    LONGEST_LINE = 128 * 1024

    # Take the connection over; `deadline` is monotonic seconds.
    def initialize(other, deadline)
      super(other.io, read_timeout: other.read_timeout, write_timeout: other.write_timeout)
      @deadline = deadline
      @left_bytes = MOST_HEADER_BYTES
    end

    # The headers are there; how long the body may be is judged by who reads it.
    def begin_body = @left_bytes = nil

    private

    def rbuf_fill
      left_s = @deadline - Process.clock_gettime(Process::CLOCK_MONOTONIC)
      raise Net::ReadTimeout, io unless left_s.positive?

      self.read_timeout = left_s
      before = @rbuf.bytesize
      super
      raise TooLong if @rbuf.bytesize > LONGEST_LINE

      return unless @left_bytes

      @left_bytes -= @rbuf.bytesize - before
      raise TooLong if @left_bytes.negative?
    rescue EOFError
      raise @left_bytes ? HalfAHead : EOFError
    end
  end

  # A connection of net/http whose socket is guarded as soon as it stands.
  class GuardedHTTP < Net::HTTP
    attr_writer :deadline

    def begin_body = @socket.begin_body

    private

    def on_connect
      super
      @socket = GuardedSocket.new(@socket, @deadline)
    end
  end
end
