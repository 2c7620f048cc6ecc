from pydantic import BaseModel, ConfigDict, Field


class Credentials(BaseModel):
    email: str = Field(pattern=r".+@.+")
    password: str = Field(min_length=8)


class Token(BaseModel):
    access_token: str
    token_type: str = "bearer"


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str
