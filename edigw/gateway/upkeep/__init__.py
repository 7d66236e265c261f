"""What a gateway does now and then: expire, close, erase, anchor, take over a changed configuration."""
